"""Replaying whole streams of the log into tables beside the live ones, so many streams a task."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection

from domain.events import Event, Meta
from infra.keys.opening import Opening
from infra.read_store.copying import Copying
from infra.read_store.folding import STORED, Changes, Stored, decoded
from infra.read_store.parts import NEXT, Task, mark_sql
from projections.engine import Projection

EVENTS = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND stream_id BETWEEN %s AND %s AND position <= %s
    ORDER BY stream_id, version
"""


class Stream(NamedTuple):
    """A whole stream, and the types of its events."""

    types: frozenset[type]
    events: Sequence[tuple[Event, Meta]]


class Worker:
    """Folds whole streams and stores their rows, over a connection of its own."""

    def __init__(self, connection: Connection[Any], projections: Sequence[Projection]) -> None:
        self._connection = connection
        self._copying = Copying(connection)
        self._open = Opening(connection)
        self._projections = projections
        self._mark = mark_sql(tuple((projection.name + NEXT, projection.version) for projection in projections))

    def work(self, task: Task) -> int:
        """Fold a task's streams and store their rows, unless that was done; how many events there are."""
        cursor = self._connection.cursor(binary=True)
        stored: list[Stored] = cursor.execute(EVENTS, task, prepare=True).fetchall()
        streams = streams_of(decoded(stored, self._open))
        with self._connection.transaction():
            if not self._takes(task, len(stored)):
                return len(stored)
            for projection in self._projections:
                changes = fold_streams(projection, streams)
                # Of tallies each task adds its own part; they are summed up when all are done.
                parts = changes.sums.rows()
                for table, rows in (*changes.changed.items(), *changes.added.items(), *parts.items()):
                    self._copying(projection.name + NEXT, table, rows)
        return len(stored)

    def _takes(self, task: Task, events: int) -> bool:
        """Mark a task as done, in this transaction; False when it was done before."""
        row = self._connection.execute(self._mark, (events, *task) * len(self._projections), prepare=True).fetchone()
        return bool(row and row[0])


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
