"""Rebuilding read models beside the live ones: prepare, replay in parallel, catch up, go live.

The log is read stream by stream, so a worker holds one stream's rows at a time whatever the log's size. Readers see
the old tables until the new ones, at least as far, take their place in one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from infra.read_store import tallies
from infra.read_store.helping import Helpers, Progress
from infra.read_store.live import PROTECT, Live, connect, create
from infra.read_store.replaying import NEXT, Worker, tasks
from infra.read_store.side import Indexes, aside, take_indexes
from projections.engine import Projection

OLD = "__old"

HEAD = "SELECT coalesce(max(position), 0) FROM events"
REGISTER = """
    INSERT INTO projections (name, version, position) VALUES (%s, %s, %s)
    ON CONFLICT (name, partition) DO UPDATE SET version = EXCLUDED.version, position = EXCLUDED.position
"""
FAR = "SELECT name, position FROM projections ORDER BY name, position FOR UPDATE"
# In every partition: records of a topic that are not beyond the position will be dropped.
SWAPPED = "UPDATE projections SET version = %s, position = %s, epoch = epoch + 1 WHERE name = %s"
# Where the tables that make room stood: a roll back goes on from there. Not where one position does not tell all that
# is missing: streams are parked, or partitions of a topic are not equally far.
KEEP = """
    INSERT INTO projections (name, version, position)
    SELECT %(kept)s, max(version), max(position) FROM projections WHERE name = %(name)s
    HAVING min(position) = max(position)
       AND NOT EXISTS (SELECT FROM parked_streams WHERE projection = %(name)s)
"""

ALONE = "SELECT pg_try_advisory_lock(hashtext('ashiato.rebuild'))"


class RebuildUnderWay(Exception):
    """Another rebuild or comparison uses the tables beside the live ones."""


def rebuild(
    dsn: str,
    projections: Sequence[Projection],
    workers: int = 2,
    progress: Progress | None = None,
    *,
    keep: bool = False,
) -> int:
    """Rebuild projections and put them in the place of the live ones; how many events were replayed.

    `keep` leaves the old tables for a roll back. Raises RebuildUnderWay when another process is at it.
    """
    with alone(dsn):
        replayed = prepare_and_replay(dsn, projections, workers, progress)
        go_live(dsn, projections, keep=keep)
    return replayed


@contextmanager
def alone(dsn: str) -> Iterator[None]:
    """The only one on this database who fills tables beside the live ones, for as long as the block runs."""
    with connect(dsn) as connection:
        row = connection.execute(ALONE).fetchone()
        if not row or not row[0]:
            raise RebuildUnderWay("expected to be the only rebuild or comparison, but another one is under way")
        yield


def prepare_and_replay(
    dsn: str,
    projections: Sequence[Projection],
    workers: int = 2,
    progress: Progress | None = None,
    cut: int | None = None,
) -> int:
    """Fill tables beside the live ones up to a position, the log's head by default; the position.

    `workers` are the processes at work, this one among them.
    """
    with _helpers(dsn, projections, workers - 1) as helpers, aside(dsn) as connection:
        indexes = _prepare(connection, projections)
        if cut is None:
            cut = int(connection.execute(HEAD).fetchone()[0])  # type: ignore[index]  # one row always
        helpers.share(list(tasks(connection, cut)), Worker(connection, projections), progress, cut)
        tallies.sum_up(connection, [(projection.name + NEXT, projection) for projection in projections])
    indexes.put_back(dsn, workers)
    with connect(dsn) as connection, connection.transaction():
        for projection in projections:
            connection.execute(PROTECT, (projection.name + NEXT, True))
            connection.execute(REGISTER, (projection.name + NEXT, projection.version, cut))
    return cut


@contextmanager
def _helpers(dsn: str, projections: Sequence[Projection], count: int) -> Iterator[Helpers]:
    """Helpers that end with the block, whatever ends it."""
    helpers = Helpers(dsn, projections, count)
    try:
        yield helpers
    finally:
        helpers.stop()


def go_live(dsn: str, projections: Sequence[Projection], *, keep: bool = False) -> None:
    """Catch up, and take the live tables' place as soon as we are at least as far as they."""
    with Live(dsn, projections, suffix=NEXT) as live, connect(dsn) as connection:
        while True:
            while live.step():
                pass
            if _swapped(connection, projections):
                break
    if not keep:
        throw_away(dsn, projections, OLD)


def abandon(dsn: str, projections: Sequence[Projection]) -> None:
    """Throw the tables of an unfinished rebuild away."""
    throw_away(dsn, projections, NEXT)


def throw_away(dsn: str, projections: Sequence[Projection], suffix: str) -> None:
    """Drop tables beside the live ones, and forget how far they were."""
    with connect(dsn) as connection, connection.transaction():
        for projection in projections:
            connection.execute(f"DROP SCHEMA IF EXISTS {projection.name + suffix} CASCADE")
            connection.execute("DELETE FROM projections WHERE name = %s", (projection.name + suffix,))


def _prepare(connection: Connection[Any], projections: Sequence[Projection]) -> Indexes:
    """Empty tables beside the live ones; their indexes come back when they are full."""
    with connection.transaction():
        for projection in projections:
            schema = projection.name + NEXT
            # Without its row an unfinished rebuild cannot go live.
            connection.execute("DELETE FROM projections WHERE name = %s", (schema,))
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            create(connection, projection, schema)
        return take_indexes(connection, [p.name + NEXT for p in projections])


def _swapped(connection: Connection[Any], projections: Sequence[Projection]) -> bool:
    """Take the live tables' place in one transaction; False when they are ahead of us by now.

    The lock on the positions holds the live projector back; when it goes on it finds itself fenced off.
    """
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '5s'")
        # Of several partitions the one that has come furthest counts.
        positions = dict(connection.execute(FAR).fetchall())
        if any(positions[p.name + NEXT] < positions.get(p.name, 0) for p in projections):
            return False
        for projection in projections:
            _swap(connection, projection, positions[projection.name + NEXT])
    return True


def _swap(connection: Connection[Any], projection: Projection, position: int) -> None:
    name = projection.name
    there = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (name,)).fetchone()
    if there and there[0]:
        connection.execute(f"DROP SCHEMA IF EXISTS {name + OLD} CASCADE")
        connection.execute(f"ALTER SCHEMA {name} RENAME TO {name + OLD}")
        connection.execute("DELETE FROM projections WHERE name = %s", (name + OLD,))
        if connection.execute(KEEP, {"kept": name + OLD, "name": name}).rowcount == 0:
            connection.execute(f"DROP SCHEMA {name + OLD} CASCADE")
    connection.execute(f"ALTER SCHEMA {name + NEXT} RENAME TO {name}")
    connection.execute("DELETE FROM projections WHERE name = %s", (name + NEXT,))
    # A rebuild is strict: what it made holds every stream.
    connection.execute("DELETE FROM parked_streams WHERE projection = %s", (name,))
    connection.execute(REGISTER, (name, projection.version, position))
    connection.execute(SWAPPED, (projection.version, position, name))
