"""Replaying whole streams of the log into tables beside the live ones, so many streams a task.

A task's events are decoded some thousands at a time, and folded and encoded some hundreds: what is near the processor
is quick to reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any, NamedTuple

from psycopg import Connection

from infra.keys.opening import Opening
from infra.read_store.copying import Copying
from infra.read_store.folding import STORED, Changes, Pair, Stored, decoded
from infra.read_store.parts import NEXT, Task, mark_sql
from projections.engine import Projection, Row
from projections.tallying import Sums

AT_ONCE = 150
"""Events that are folded and encoded, about: to the end of a stream."""
DECODED = 16 * AT_ONCE
"""Events that are decoded, and the keys asked for that they were sealed with."""

EVENTS = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND stream_id BETWEEN %s AND %s AND position <= %s
    ORDER BY stream_id, version
"""


class Stream(NamedTuple):
    """A whole stream, and the types of its events."""

    types: frozenset[type]
    events: Sequence[Pair]


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
        with self._connection.transaction():
            if self._takes(task, len(stored)):
                for (schema, table), encoded in self._rows_of(stored).items():
                    self._copying.send(schema, table, encoded)
        return len(stored)

    def _rows_of(self, stored: Sequence[Stored]) -> dict[tuple[str, type[Row]], list[bytes]]:
        """The rows of whole streams, encoded, by schema and table."""
        encoded: dict[tuple[str, type[Row]], list[bytes]] = defaultdict(list)

        def add(schema: str, tables: Iterable[tuple[type[Row], list[Row]]]) -> None:
            for table, rows in tables:
                if rows:
                    encoded[schema, table].append(self._copying.encoded(schema, table, rows))

        sums = [Sums() for _ in self._projections]
        some = (decoded(stored[n : n + DECODED], self._open) for n in range(0, len(stored), DECODED))
        for streams in at_once(streams_of(chain.from_iterable(some))):
            for projection, summed in zip(self._projections, sums, strict=True):
                changes = fold_streams(projection, streams, summed)
                add(projection.name + NEXT, (*changes.changed.items(), *changes.added.items()))
        # Of tallies each task adds its own part; they are summed up when all are done.
        for projection, summed in zip(self._projections, sums, strict=True):
            add(projection.name + NEXT, summed.rows().items())
        return encoded

    def _takes(self, task: Task, events: int) -> bool:
        """Mark a task as done, in this transaction; False when it was done before."""
        row = self._connection.execute(self._mark, (events, *task) * len(self._projections), prepare=True).fetchone()
        return bool(row and row[0])


def streams_of(pairs: Iterable[Pair]) -> Iterator[Stream]:
    """Events that come stream by stream, each with its stream."""
    for _, whole in groupby(pairs, key=lambda pair: pair[1].stream):
        events = list(whole)
        yield Stream(frozenset([type(event) for event, _ in events]), events)


def at_once(streams: Iterable[Stream]) -> Iterator[list[Stream]]:
    """So many streams that they have `AT_ONCE` events or a few more; one stream may have any number."""
    some: list[Stream] = []
    events = 0
    for stream in streams:
        some.append(stream)
        events += len(stream.events)
        if events >= AT_ONCE:
            yield some
            some, events = [], 0
    if some:
        yield some


def fold_streams(projection: Projection, streams: Iterable[Stream], sums: Sums | None = None) -> Changes:
    """The rows of whole streams, each folded from its beginning.

    What they add to tallies is added to `sums`, where they are given; then the changes' are these, with all in them.
    """
    changes = Changes(sums)
    for stream in streams:
        if not stream.types.isdisjoint(projection.handlers):
            changes.take(projection.fold(projection.rows(changes.sums), stream.events))
    return changes
