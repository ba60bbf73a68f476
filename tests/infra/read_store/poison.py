"""Folds that fail at chosen events, and what the database says of streams that wait."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from infra.read_store.live import Live, connect
from projections.engine import Handler, Projection

SECRET = "words that may be personal"
STREAMS = """
    SELECT tenant_id::text, stream_id::text, array_agg(position ORDER BY version) FROM events
    WHERE type = ANY (%s) GROUP BY 1, 2 HAVING count(*) > 8 ORDER BY min(position)
"""
PARKED = """
    SELECT tenant_id::text, stream_id::text, position, version, tries, error FROM parked_streams
    WHERE projection = %s ORDER BY position
"""


class Stream(NamedTuple):
    """A stream of the log, and the positions of the events that a projection folds."""

    tenant: str
    id: str
    positions: list[int]


class Parked(NamedTuple):
    """A row of `parked_streams`."""

    tenant: str
    stream: str
    position: int
    version: int
    tries: int
    error: str


def streams(dsn: str, projection: Projection) -> list[Stream]:
    """Those that the projection folds more than a few events of, in the order they began."""
    with connect(dsn) as connection:
        return [Stream(*row) for row in connection.execute(STREAMS, (projection.types,)).fetchall()]


def parked(dsn: str, projection: Projection) -> list[Parked]:
    """Which streams wait, by the position that they wait at."""
    with connect(dsn) as connection:
        return [Parked(*row) for row in connection.execute(PARKED, (projection.name,)).fetchall()]


@contextmanager
def poisoned(projection: Projection, positions: Collection[int]) -> Iterator[None]:
    """As long as the block lasts the projection's fold fails at some events of the log."""

    def failing(handler: Handler) -> Handler:
        def fold(rows: Any, event: Any, meta: Any) -> None:
            handler(rows, event, meta)
            if meta.position in positions:
                raise ValueError(SECRET)

        return fold

    with pytest.MonkeyPatch.context() as patch:
        for kind, handler in list(projection.handlers.items()):
            patch.setitem(projection.handlers, kind, failing(handler))
        yield


def follow(dsn: str, *projections: Projection, batch: int = 311, after: Callable[[Live], object] | None = None) -> None:
    """To the log's end."""
    with Live(dsn, projections, batch=batch) as live:
        while live.step():
            if after:
                after(live)


@contextmanager
def unstorable(projection: Projection, positions: Collection[int], spoil: Callable[[Any], None]) -> Iterator[None]:
    """As long as the block lasts the fold of some events leaves a row of the first table that nobody can store."""
    table = projection.tables[0]

    def spoiling(handler: Handler) -> Handler:
        def fold(rows: Any, event: Any, meta: Any) -> None:
            handler(rows, event, meta)
            if meta.position in positions:
                spoil([*rows.added, *rows.changed.get(table, {}).values()][-1])

        return fold

    with pytest.MonkeyPatch.context() as patch:
        for kind, handler in list(projection.handlers.items()):
            patch.setitem(projection.handlers, kind, spoiling(handler))
        yield
