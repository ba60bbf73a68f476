"""Replaying whole streams of the log into tables beside the live ones, so many streams a task."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection

from domain.events import Event, Meta
from infra.keys.opening import Opening
from infra.read_store.copying import Copying
from infra.read_store.folding import STORED, Changes, Stored, decoded
from projections.engine import Projection

NEXT = "__next"
STREAMS_A_TASK = 100

STREAMS = "SELECT tenant_id::text, stream_id::text FROM events WHERE version = 1 ORDER BY tenant_id, stream_id"
EVENTS = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND stream_id BETWEEN %s AND %s AND position <= %s
    ORDER BY stream_id, version
"""


class Task(NamedTuple):
    """Some streams of one tenant, up to a position."""

    tenant: str
    first: str
    last: str
    cut: int


class Stream(NamedTuple):
    """A whole stream, and the types of its events."""

    types: frozenset[type]
    events: Sequence[tuple[Event, Meta]]


def tasks(connection: Connection[Any], cut: int) -> Iterator[Task]:
    """All streams of the log, tenant by tenant."""
    rows = connection.execute(STREAMS).fetchall()
    for tenant, streams in groupby(rows, key=lambda row: row[0]):
        ids = [stream for _, stream in streams]
        for start in range(0, len(ids), STREAMS_A_TASK):
            part = ids[start : start + STREAMS_A_TASK]
            yield Task(tenant, part[0], part[-1], cut)


class Worker:
    """Folds whole streams and stores their rows, over a connection of its own."""

    def __init__(self, connection: Connection[Any], projections: Sequence[Projection]) -> None:
        self._connection = connection
        self._copying = Copying(connection)
        self._open = Opening(connection)
        self._projections = projections

    def work(self, task: Task) -> int:
        """Fold a task's streams and store their rows; how many events there were."""
        cursor = self._connection.cursor(binary=True)
        stored: list[Stored] = cursor.execute(EVENTS, task, prepare=True).fetchall()
        streams = streams_of(decoded(stored, self._open))
        with self._connection.transaction():
            for projection in self._projections:
                changes = fold_streams(projection, streams)
                # Of tallies each task adds its own part; they are summed up when all are done.
                parts = changes.sums.rows()
                for table, rows in (*changes.changed.items(), *changes.added.items(), *parts.items()):
                    self._copying(projection.name + NEXT, table, rows)
        return len(stored)


def streams_of(pairs: Iterable[tuple[Event, Meta]]) -> list[Stream]:
    """Events that come stream by stream, each with its stream."""
    wholes = [list(events) for _, events in groupby(pairs, key=lambda pair: pair[1].stream)]
    return [Stream(frozenset([type(event) for event, _ in events]), events) for events in wholes]


def fold_streams(projection: Projection, streams: Sequence[Stream]) -> Changes:
    """The rows of whole streams, each folded from its beginning."""
    changes = Changes()
    for stream in streams:
        if not stream.types.isdisjoint(projection.handlers):
            changes.take(projection.fold(projection.rows(), stream.events))
    return changes
