"""Folding the log into rows: decoded once, folded by every projection that wants it."""

import gc
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from domain.events import Event, Meta
from domain.ids import TenantId
from domain.runs.events import SubjectErased
from domain.tenants.erasure_events import PersonErased, TenantClosed
from infra.event_store.codec import decode_as
from infra.keys.opening import Open
from infra.read_store.tables import to_json
from projections.engine import Projection, Row, Rows
from projections.tallying import Sums

STORED = "position, tenant_id::text, tenant_seq, recorded_at, body, type"
"""What is read of an event."""

Stored = tuple[int, TenantId, int, datetime, bytes, str]

ERASING = frozenset({PersonErased, SubjectErased, TenantClosed})
"""Few: after them rows of other streams, too, are to name somebody no more."""

Pair = tuple[Event, Meta]
"""An event and what is known about it."""

Scope = tuple[str, str]
"""A tenant and a stream."""

Batch = dict[Scope, list[Pair]]
"""Events that one projection folds, stream by stream."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector out: folds make no cycles, and looking for them takes a fifth of the time.

    Threads may overlap here. The first one in turns it on again, maybe early for another, but never never.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def decoded(stored: Iterable[Stored], open_sealed: Open) -> list[tuple[Event, Meta]]:
    """Events with their meta, in the order read; what is sealed in them opened."""
    pairs = [decode_as(*columns) for columns in stored]
    open_sealed(pairs)
    return pairs


class Scopes:
    """The scopes of one projection that were touched lately, so that most batches read nothing back."""

    def __init__(self, projection: Projection, most: int) -> None:
        self.projection = projection
        self._most = most
        self._held: OrderedDict[Scope, Rows] = OrderedDict()

    def missing(self, batch: Batch) -> list[Scope]:
        """Scopes of a batch that must be read first; a new stream's need not."""
        if self.projection.is_ledger:
            return []
        held = self._held
        return [scope for scope, pairs in batch.items() if scope not in held and pairs[0][1].version != 1]

    def hold(self, scope: Scope) -> Rows:
        """The rows of a scope, empty when it is new."""
        rows = self._held.get(scope)
        if rows is None:
            rows = self._held[scope] = self.projection.rows()
        else:
            self._held.move_to_end(scope)
        return rows

    def forget(self, scope: Scope) -> None:
        """Let go of one: what is held may not be what is stored."""
        self._held.pop(scope, None)

    def forget_oldest(self) -> None:
        """Let go of the scopes beyond the limit; call it between batches only."""
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def forget_all(self) -> None:
        """Let go of everything: what is stored may not be what is held."""
        self._held.clear()


class Changes:
    """What a batch changed, table by table, and what it adds to tallies.

    `closed` are companies that left, with the tables in which nobody is to be named any more: a fold sees one stream's
    rows only, and these are of all its runs. `erases`: somebody was erased. `written` are the changed rows as they are
    now, for a worker who stores them while the next batch is folded into the same rows.
    """

    def __init__(self, sums: Sums | None = None) -> None:
        """Of nothing yet; `sums` are added to instead of new ones."""
        self.changed: dict[type[Row], list[Row]] = {}
        self.dropped: dict[type[Row], list[Row]] = {}
        self.added: dict[type[Row], list[Row]] = {}
        self.sums = Sums() if sums is None else sums
        self.closed: list[tuple[str, type[Row]]] = []
        self.erases = False
        self.written: dict[type[Row], str] = {}

    def end(self, projection: Projection, events: Sequence[Pair]) -> None:
        """See who is to be named no more, by the events that `erasing` found."""
        self.erases = bool(events)
        closed = [meta.tenant for event, meta in events if type(event) is TenantClosed]
        self.closed = [(tenant, table) for tenant in closed for table in projection.tables if table.personal]

    def write_down(self) -> None:
        """Keep the changed rows as they are at this moment."""
        self.written = {table: to_json(rows) for table, rows in self.changed.items() if rows}

    def take(self, rows: Rows) -> None:
        """Collect a scope's changes, and settle it."""
        for table, changed in rows.changed.items():
            self.changed.setdefault(table, []).extend(changed.values())
        for table, dropped in rows.dropped.items():
            self.dropped.setdefault(table, []).extend(dropped.values())
        for row in rows.added:
            self.added.setdefault(type(row), []).append(row)
        if rows.sums is not self.sums:
            self.sums.add(rows.sums)
        rows.settle()


def by_scope(projection: Projection, events: Iterable[Pair]) -> Batch:
    """The events that a projection folds, stream by stream."""
    handlers = projection.handlers
    batch: Batch = {}
    for pair in events:
        if type(pair[0]) in handlers:
            scope = (pair[1].tenant, pair[1].stream)
            if scope in batch:
                batch[scope].append(pair)
            else:
                batch[scope] = [pair]
    return batch


def erasing(events: Iterable[Pair]) -> list[Pair]:
    """Those that erase somebody."""
    return [pair for pair in events if type(pair[0]) in ERASING]


def fold_batch(scopes: Scopes, batch: Batch) -> Changes:
    """Fold a batch; the scopes it touches must be held."""
    projection = scopes.projection
    changes = Changes()
    if projection.is_ledger:
        rows = projection.rows()
        for pairs in batch.values():
            projection.fold(rows, pairs)
        changes.take(rows)
        return changes
    for scope, pairs in batch.items():
        changes.take(projection.fold(scopes.hold(scope), pairs))
    return changes
