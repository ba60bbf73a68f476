"""Folding what came with every projection, each on its own: what one cannot fold is no matter for the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import psycopg
from psycopg import Connection

from infra.event_store.arrays import Uuids
from infra.keys.opening import Open
from infra.read_store import parking, tables
from infra.read_store.folding import Changes, Pair, Scope, Stored, by_scope, decoded, erasing, fold_batch
from infra.read_store.parking import Keep, Poison
from infra.read_store.places import Followed
from infra.read_store.refused import can_be_written
from infra.read_store.source import Delivery
from projections.engine import Rows

Work = list[tuple[Followed, Changes, Sequence[Poison]]]
"""For each projection what changes, and which streams wait from now on."""


class Folder:
    """Folds batches, and reads scopes back over a connection when `settled()` has stored what went before.

    `strict` raises where an event cannot be folded; otherwise its stream waits.
    """

    def __init__(
        self,
        connection: Connection[Any],
        open_sealed: Open,
        delivery: Delivery,
        settled: Callable[[], None],
        *,
        strict: bool,
    ) -> None:
        self._connection = connection
        self._open = open_sealed
        self._delivery = delivery
        self._settled = settled
        self._strict = strict

    def fold(self, followed: Sequence[Followed], events: Mapping[int, Sequence[Stored]]) -> Work:
        """Fold events, by partition, with every projection."""
        try:
            pairs = {n: decoded(stored, self._open) for n, stored in events.items()}
        except psycopg.Error:
            raise
        except Exception:
            if self._strict:
                raise
            return self._fold_what_can_be(followed, events)
        ends = {n: erasing(some) for n, some in pairs.items()}
        return [self._fold_one(one, one.wants(pairs), one.wants(ends)) for one in followed]

    def fold_rest(self, one: Followed, stream: parking.Waiting, keep: Keep) -> tuple[Changes, Sequence[Poison]]:
        """Fold and keep what a parked stream waits with, as far as all the others are; what is left to store."""
        through = one.stored[self._delivery.partition_of(stream.tenant)].position
        pairs, undecodable = parking.rest_of(self._connection, one.projection, stream, through, self._open)
        changes, poisons = self._fold_each(one, pairs, keep)
        changes.end(one.projection, erasing(pairs))
        return changes, poisons or undecodable

    def fold_alone(
        self, one: Followed, events: Mapping[int, Sequence[Stored]], keep: Keep
    ) -> tuple[Changes, Sequence[Poison]]:
        """Fold and keep each stream of a batch alone, for its rows are refused together; what is left to store."""
        split = {n: parking.decode_each(self._connection, stored, self._open) for n, stored in events.items()}
        wanted = one.wants({n: pairs for n, (pairs, _) in split.items()})
        changes, poisons = self._fold_each(one, wanted, keep)
        changes.end(one.projection, erasing(wanted))
        return changes, poisons

    def _fold_what_can_be(self, followed: Sequence[Followed], events: Mapping[int, Sequence[Stored]]) -> Work:
        """Some event cannot be decoded: its stream waits, in those projections that it might concern."""
        self._settled()
        split = {n: parking.decode_each(self._connection, stored, self._open) for n, stored in events.items()}
        pairs = {n: good for n, (good, _) in split.items()}
        poisons = list(chain.from_iterable(bad for _, bad in split.values()))
        work: Work = []
        for one in followed:
            news = self._first_of(poisons, one)
            one.parked.update({scope: poison.position for scope, poison in news.items()})
            wanted = one.wants(pairs)
            _, changes, more = self._fold_one(one, wanted, erasing(wanted))
            # A stream may have failed to fold before the event that cannot be decoded.
            news |= {poison.scope: poison for poison in more}
            work.append((one, changes, list(news.values())))
        return work

    def _first_of(self, poisons: Iterable[Poison], one: Followed) -> dict[Scope, Poison]:
        """Of each stream the first that concerns a projection, unless the stream waits already or it was folded."""
        first: dict[Scope, Poison] = {}
        for poison in poisons:
            folded = one.folded[self._delivery.partition_of(poison.tenant)].position
            new = poison.scope not in one.parked and poison.position > folded
            if new and parking.concerns(one.projection, poison):
                first.setdefault(poison.scope, poison)
        return first

    def _fold_one(
        self, one: Followed, events: list[Pair], ends: Sequence[Pair]
    ) -> tuple[Followed, Changes, Sequence[Poison]]:
        one.scopes.forget_oldest()
        batch = by_scope(one.projection, events)
        self._load(one, one.scopes.missing(batch))
        poisons: Sequence[Poison] = ()
        try:
            changes = fold_batch(one.scopes, batch)
            changes.write_down()
        except Exception:
            if self._strict:
                raise
            changes, poisons = self._fold_each(one, events, can_be_written)
            changes.write_down()
        changes.end(one.projection, ends)
        return one, changes, poisons

    def _fold_each(
        self, one: Followed, events: Iterable[Pair], keep: Keep
    ) -> tuple[Changes, Sequence[Poison]]:
        """Begin each stream again from what is stored, fold it as far as can be, and remember those that wait."""
        self._settled()

        def begin(scope: Scope) -> Rows:
            if one.projection.is_ledger:
                return one.projection.rows()
            one.scopes.forget(scope)
            self._load(one, [scope])
            return one.scopes.hold(scope)

        changes, poisons = parking.fold_each(one.projection, events, begin, keep)
        for poison in poisons:
            one.parked[poison.scope] = poison.position
            one.scopes.forget(poison.scope)
        return changes, poisons

    def _load(self, one: Followed, missing: Sequence[Scope]) -> None:
        """Read scopes back, once the batch before is stored: it may have written them."""
        if not missing:
            return
        self._settled()
        pairs = (Uuids(tenant for tenant, _ in missing), Uuids(scope for _, scope in missing))
        for table in one.projection.held:
            row = self._connection.execute(tables.load_sql(one.name, table), pairs, prepare=True).fetchone()
            for loaded in tables.decoder(table).decode(row[0] if row else "[]"):
                one.scopes.hold((loaded.tenant_id, getattr(loaded, table.scope))).load(loaded)
        for scope in missing:
            one.scopes.hold(scope)
