"""The life of a rebuild, verb by verb: prepare, replay, catch up, go live, abort, roll back, drop, and where it stands.

What has been done is what is there, so it can be asked from any process and outlives a kill: tables beside the live
ones without a position are unfinished, and have the list of what is done; with one they may go live; those kept for a
roll back have the position at which they made room.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection
from psycopg.errors import UndefinedTable

from infra.read_store import parts, rebuild
from infra.read_store.cutover import take_their_place, throw_away
from infra.read_store.helping import Progress
from infra.read_store.live import Live, connect
from infra.read_store.making import OLD
from infra.read_store.parts import NEXT, Far
from infra.read_store.rebuild import alone, prepare_and_replay
from infra.read_store.side import aside
from projections.engine import Projection

STANDING = """
    SELECT asked.name, live.version, live.position, next.version, next.position,
           to_regnamespace(asked.name || %(next)s) IS NOT NULL AND next.name IS NULL, old.version, old.position,
           to_regnamespace(asked.name || %(old)s) IS NOT NULL AND old.name IS NULL
    FROM unnest(%(names)s::text[]) WITH ORDINALITY AS asked (name, place)
    LEFT JOIN (
        SELECT name, max(version) AS version, min(position) AS position FROM projections GROUP BY name
    ) live ON live.name = asked.name
    LEFT JOIN projections next ON next.name = asked.name || %(next)s
    LEFT JOIN projections old ON old.name = asked.name || %(old)s
    ORDER BY asked.place
"""
UNDER_WAY = """
    SELECT EXISTS (
        SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
          AND l.objid::bigint = hashtext('ashiato.rebuild')::bigint & 4294967295)
"""
BECOME = "UPDATE projections SET name = %s, epoch = epoch + 1 WHERE name = %s"


class NotReady(Exception):
    """What was asked needs a step that has not been done, or a program of another version."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Versions and positions of a read model: live, beside it, and kept for a roll back; None where there is none.

    `unfinished`: tables beside it are not filled yet; `far` is how far. `left_over`: tables that made room and cannot
    be rolled back to; who was to throw them away was killed.
    """

    name: str
    version: int | None
    position: int | None
    next_version: int | None
    next_position: int | None
    unfinished: bool
    old_version: int | None
    old_position: int | None
    left_over: bool = False
    far: Far | None = None


def status(dsn: str, projections: Sequence[Projection]) -> list[Standing]:
    """Where each read model stands; asks only, so it may be asked while a rebuild is under way."""
    asked = {"names": [projection.name for projection in projections], "next": NEXT, "old": OLD}
    with connect(dsn) as connection:
        rows = connection.execute(STANDING, asked).fetchall()
        return [replace(Standing(*row), far=_far(connection, one)) for row, one in zip(rows, projections, strict=True)]


def under_way(dsn: str) -> bool:
    """Is a process at a rebuild or a comparison?"""
    with connect(dsn) as connection:
        row = connection.execute(UNDER_WAY).fetchone()
    return bool(row and row[0])


def prepare(dsn: str, projections: Sequence[Projection]) -> None:
    """Make empty tables beside the live ones, and the list of what is to be done. Raises RebuildUnderWay."""
    with alone(dsn), aside(dsn) as connection:
        rebuild.prepare(connection, projections)


def replay(dsn: str, projections: Sequence[Projection], workers: int = 2, progress: Progress | None = None) -> int:
    """Fill tables beside the live ones; the position. Goes on with what was prepared, or prepares.

    Raises RebuildUnderWay.
    """
    with alone(dsn):
        return prepare_and_replay(dsn, projections, workers, progress, resume=True)


def catch_up(dsn: str, projections: Sequence[Projection]) -> int:
    """Fold what came since into the tables beside the live ones; the position they are through.

    Raises RebuildUnderWay and NotReady.
    """
    with alone(dsn):
        _replayed(dsn, projections)
        with Live(dsn, projections, suffix=NEXT) as live:
            while live.step():
                pass
            return live.position


def go_live(dsn: str, projections: Sequence[Projection], *, keep: bool = True) -> None:
    """Catch up and take the live tables' place. Raises RebuildUnderWay, NotReady and InTheWay."""
    with alone(dsn):
        _replayed(dsn, projections)
        take_their_place(dsn, projections, keep=keep)


def abort(dsn: str, projections: Sequence[Projection]) -> None:
    """Throw away what is beside the live tables. Raises RebuildUnderWay."""
    with alone(dsn):
        throw_away(dsn, projections, NEXT)


def drop(dsn: str, projections: Sequence[Projection]) -> None:
    """Throw away what was kept for a roll back. Raises RebuildUnderWay."""
    with alone(dsn):
        throw_away(dsn, projections, OLD)


def roll_back(dsn: str, projections: Sequence[Projection]) -> None:
    """What was kept becomes the next to go live, and catches up from where it stood; what was live is kept in turn.

    Raises RebuildUnderWay, and NotReady when something was not kept or is of another version than this program folds.
    """
    with alone(dsn):
        for one, projection in zip(status(dsn, projections), projections, strict=True):
            _kept(projection, one.old_version)
        throw_away(dsn, projections, NEXT)
        with connect(dsn) as connection, connection.transaction():
            for projection in projections:
                old, following = projection.name + OLD, projection.name + NEXT
                # Whoever folds an erasure drops what was kept: not any more once its row is ours.
                if not connection.execute(BECOME, (following, old)).rowcount:
                    _kept(projection, None)
                connection.execute(f"ALTER SCHEMA {old} RENAME TO {following}")
        take_their_place(dsn, projections, keep=True)


def _kept(projection: Projection, version: int | None) -> None:
    if version != projection.version:
        raise NotReady(
            f"expected kept tables of version {projection.version} of {projection.name!r}, which this program folds, "
            f"but {_version(version)}"
        )


def _replayed(dsn: str, projections: Sequence[Projection]) -> None:
    for one, projection in zip(status(dsn, projections), projections, strict=True):
        if one.next_version != projection.version:
            raise NotReady(
                f"expected replayed tables of version {projection.version} of {one.name!r}, "
                f"but {_version(one.next_version)}"
            )


def _version(version: int | None) -> str:
    return "there are none" if version is None else f"they are of version {version}"


def _far(connection: Connection[Any], projection: Projection) -> Far | None:
    try:
        return parts.far(connection, projection)
    except UndefinedTable:  # finished between two looks
        return None
