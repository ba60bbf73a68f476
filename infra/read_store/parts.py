"""What a replay is made of, written down beside the tables it fills: one that was cut short goes on from there.

A part is marked in the transaction that stores its rows, so it is done once, by whoever comes first: a helper that
outlives the one who asked it included.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection, sql

from infra.read_store import tables
from projections.engine import Projection

NEXT = "__next"
PARTS = "replay_part"
STREAMS_A_TASK = 100

STREAMS = """
    SELECT tenant_id::text, stream_id::text FROM events WHERE version = 1 AND position <= %s
    ORDER BY tenant_id, stream_id
"""
MAKE = """
    CREATE TABLE {}.{} (
        tenant_id uuid NOT NULL, first uuid NOT NULL, last uuid NOT NULL, cut bigint NOT NULL, version int NOT NULL,
        events int)
"""
WRITTEN = "SELECT tenant_id::text, first::text, last::text, cut, version, events FROM {}.{} ORDER BY tenant_id, first"
SUMS = "SELECT coalesce(sum(events), 0)::bigint, coalesce(max(cut), 0), min(version) FROM {}.{}"
THERE = "SELECT to_regclass(%s) IS NOT NULL"


class Task(NamedTuple):
    """Some streams of one tenant, up to a position."""

    tenant: str
    first: str
    last: str
    cut: int


class Left(NamedTuple):
    """What is left of a replay: tasks, the events that are done, and the position that it goes to."""

    tasks: Sequence[Task]
    done: int
    cut: int


@dataclass(frozen=True, slots=True)
class Far:
    """How far a replay of a version is: events done, and how many there are."""

    done: int
    total: int
    version: int | None


def tasks(connection: Connection[Any], cut: int) -> Iterator[Task]:
    """All streams of the log through a position, tenant by tenant."""
    rows = connection.execute(STREAMS, (cut,)).fetchall()
    for tenant, streams in groupby(rows, key=lambda row: row[0]):
        ids = [stream for _, stream in streams]
        for start in range(0, len(ids), STREAMS_A_TASK):
            part = ids[start : start + STREAMS_A_TASK]
            yield Task(tenant, part[0], part[-1], cut)


def plan(connection: Connection[Any], projection: Projection, planned: Iterable[Task]) -> None:
    """Write down what is to be done, within the transaction that makes the tables."""
    name = _name(projection)
    connection.execute(sql.SQL(MAKE).format(*name))
    with connection.cursor().copy(sql.SQL("COPY {}.{} FROM STDIN").format(*name)) as copy:
        for task in planned:
            copy.write_row((*task, projection.version, None))


def left(connection: Connection[Any], projections: Sequence[Projection]) -> Left | None:
    """What is left of a replay of all of these; None when it was not begun with all of them, or with other versions."""
    written = [_written(connection, projection) for projection in projections]
    first = written[0]
    if not first or any(other != first for other in written):
        return None
    return Left(
        [task for task, events in first if events is None],
        sum(events or 0 for _, events in first),
        first[0][0].cut,
    )


def far(connection: Connection[Any], projection: Projection) -> Far | None:
    """How far a replay is, that is under way or was cut short; None when none is."""
    if not _is_there(connection, projection):
        return None
    row = connection.execute(sql.SQL(SUMS).format(*_name(projection))).fetchone()
    return Far(*row) if row else None


def forget(connection: Connection[Any], projection: Projection) -> None:
    """All is done."""
    connection.execute(sql.SQL("DROP TABLE {}.{}").format(*_name(projection)))


@tables.once
def mark_sql(marked: tuple[tuple[str, int], ...]) -> bytes:
    """Mark a part as done in some schemas, each with its version; in how many it was not done before."""
    marks = ", ".join(
        f"m{n} AS (UPDATE {schema}.{PARTS} SET events = %s WHERE tenant_id = %s AND first = %s AND last = %s"
        f" AND cut = %s AND version = {version} AND events IS NULL RETURNING 1)"
        for n, (schema, version) in enumerate(marked)
    )
    counts = " + ".join(f"(SELECT count(*) FROM m{n})" for n in range(len(marked)))
    return f"WITH {marks} SELECT {counts}".encode()


def _written(connection: Connection[Any], projection: Projection) -> list[tuple[Task, int | None]]:
    if not _is_there(connection, projection):
        return []
    rows = connection.execute(sql.SQL(WRITTEN).format(*_name(projection))).fetchall()
    if any(version != projection.version for *_, version, _ in rows):
        return []
    return [(Task(*task), events) for *task, _, events in rows]


def _is_there(connection: Connection[Any], projection: Projection) -> bool:
    row = connection.execute(THERE, (f"{projection.name}{NEXT}.{PARTS}",)).fetchone()
    return bool(row and row[0])


def _name(projection: Projection) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(projection.name + NEXT), sql.Identifier(PARTS)
