"""Going live: tables beside the live ones catch up and take their place in one transaction, behind a fence.

Who reads holds a lock on each table that its statement names until the statement, or its transaction, ends. We take
the live tables for ourselves first: so nobody has found some of them under their name and finds others that are new.
"""

from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from psycopg import Connection
from psycopg.errors import DeadlockDetected, LockNotAvailable

from infra.read_store.live import Live, connect
from infra.read_store.making import OLD, forget
from infra.read_store.parts import NEXT
from projections.engine import Projection

PATIENCE = 60.0
"""Seconds in which readers and projectors must leave the live tables to us for a moment."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0

# Projectors move their positions before they write rows; we wait for those under way, holding nothing yet.
FENCE = "SET LOCAL lock_timeout = '5s'; LOCK TABLE projections IN EXCLUSIVE MODE"
# New readers wait behind us meanwhile, so a long statement in our way makes us try later. Less than deadlock_timeout.
READERS_WAIT = "SET LOCAL lock_timeout = '200ms'"
TABLES = """
    SELECT format('%%I.%%I', relnamespace::regnamespace, relname) FROM pg_class
    WHERE relnamespace::regnamespace::text = ANY (%s) AND relkind IN ('r', 'p') ORDER BY 1
"""
REGISTER = """
    INSERT INTO projections (name, version, position) VALUES (%s, %s, %s)
    ON CONFLICT (name, partition) DO UPDATE SET version = EXCLUDED.version, position = EXCLUDED.position
"""
# Of several partitions the one that has come furthest counts.
FAR = "SELECT name, max(position) FROM projections GROUP BY name"
# In every partition: records of a topic that are not beyond the position will be dropped.
SWAPPED = "UPDATE projections SET version = %s, position = %s, epoch = epoch + 1 WHERE name = %s"
# Where the tables that make room stood: a roll back goes on from there. Not where one position does not tell all that
# is missing: streams are parked, or partitions of a topic are not equally far. Nor where somebody was erased since.
KEEP = """
    INSERT INTO projections (name, version, position)
    SELECT %(kept)s, max(version), max(position) FROM projections WHERE name = %(name)s
    HAVING min(position) = max(position)
       AND NOT EXISTS (SELECT FROM parked_streams WHERE projection = %(name)s)
       AND NOT EXISTS (SELECT FROM erased_since(ARRAY[max(position)]))
"""
NOT_KEPT = """
    SELECT asked.name FROM unnest(%s::text[]) asked (name)
    WHERE NOT EXISTS (SELECT FROM projections kept WHERE kept.name = asked.name || %s)
"""


class InTheWay(Exception):
    """Readers or projectors did not leave the live tables for a moment; what is beside them is as it was."""


def take_their_place(dsn: str, projections: Sequence[Projection], *, keep: bool = False) -> None:
    """Catch up, and take the live tables' place as soon as we are at least as far as they. Raises InTheWay.

    `keep` leaves the tables that made room, those that can be rolled back to.
    """
    until, pause = monotonic() + PATIENCE, FIRST_PAUSE
    with Live(dsn, projections, suffix=NEXT) as live, connect(dsn) as connection:
        while True:
            while live.step():
                pass
            try:
                if _swapped(connection, projections):
                    break
            except (LockNotAvailable, DeadlockDetected) as held:
                if monotonic() > until:
                    raise InTheWay(
                        f"expected those who use the live tables to let go of them for a moment within {PATIENCE:.0f} "
                        "seconds, but some statement or transaction holds them: look for it, then `go-live` again"
                    ) from held
                # Those who waited behind us go first.
                sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        names = [projection.name for projection in projections]
        kept_not = {name for (name,) in connection.execute(NOT_KEPT, (names, OLD))}
    throw_away(dsn, [one for one in projections if not keep or one.name in kept_not], OLD)


def throw_away(dsn: str, projections: Sequence[Projection], suffix: str) -> None:
    """Drop tables beside the live ones, and forget how far they were."""
    with connect(dsn) as connection, connection.transaction():
        for projection in projections:
            forget(connection, projection.name + suffix)


def _swapped(connection: Connection[Any], projections: Sequence[Projection]) -> bool:
    """Take the live tables' place in one transaction; False when they are ahead of us by now.

    A projector that goes on when the fence is lifted finds itself fenced off.
    """
    with connection.transaction():
        connection.execute(FENCE)
        positions = dict(connection.execute(FAR).fetchall())
        for projection in projections:
            if projection.name + NEXT not in positions:
                raise LookupError(projection.name + NEXT)
            if positions[projection.name + NEXT] < positions.get(projection.name, 0):
                return False
        connection.execute(READERS_WAIT)
        tables = connection.execute(TABLES, ([projection.name for projection in projections],)).fetchall()
        if tables:
            connection.execute(f"LOCK TABLE {', '.join(table for (table,) in tables)} IN ACCESS EXCLUSIVE MODE")
        for projection in projections:
            _swap(connection, projection, positions[projection.name + NEXT])
    return True


def _swap(connection: Connection[Any], projection: Projection, position: int) -> None:
    name = projection.name
    there = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (name,)).fetchone()
    if there and there[0]:
        forget(connection, name + OLD)
        connection.execute(f"ALTER SCHEMA {name} RENAME TO {name + OLD}")
        connection.execute(KEEP, {"kept": name + OLD, "name": name})
    connection.execute(f"ALTER SCHEMA {name + NEXT} RENAME TO {name}")
    connection.execute("DELETE FROM projections WHERE name = %s", (name + NEXT,))
    # A rebuild is strict: what it made holds every stream.
    connection.execute("DELETE FROM parked_streams WHERE projection = %s", (name,))
    connection.execute(REGISTER, (name, projection.version, position))
    connection.execute(SWAPPED, (projection.version, position, name))
