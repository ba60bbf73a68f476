"""Opening what is sealed in batches of events, over a connection: for projectors, rebuilds and the past."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import Connection

from domain.events import Event, Meta
from infra.event_store.sealing import MARKS, open_in_place, sealed_for
from infra.keys.master import Master, master_of
from infra.keys.ring import Ring, Whose

Pair = tuple[Event, Meta]
Open = Callable[[Sequence[Pair]], None]
"""Opens what is sealed in events that were just decoded."""

# The projector's: it folds every tenant's events.
OF_ALL = "SELECT n, wrapped FROM data_keys_of(%s::uuid[], %s::uuid[])"
# A reader's, who is one tenant for as long as it folds.
OF_TENANT = """
    SELECT w.n::int, k.wrapped FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY w (tenant, subject, n)
    JOIN public.data_keys k ON k.tenant_id = w.tenant AND k.subject_id = w.subject
"""
ERASED_SINCE = "SELECT tenant::text, subject::text, at_position FROM erased_since(%s::bigint[])"
LOOK_EVERY = 1.0


class Opening:
    """Opens events over a connection; keys it has seen it keeps for a while, and lets go of who was erased."""

    statement: ClassVar[str] = OF_ALL

    def __init__(self, connection: Connection[Any], master: Master | None = None) -> None:
        self._connection = connection
        self._ring = Ring(master or master_of())
        self._seen = 0
        self._looked = monotonic()

    def __call__(self, pairs: Sequence[Pair]) -> None:
        """Open what is sealed in events that were just decoded; of who was erased it says so."""
        self._let_go()
        found = [(pair, sealed_for(pair[0], pair[1].stream)) for pair in pairs if type(pair[0]) in MARKS]
        closed = [(pair, (pair[1].tenant, subject)) for pair, subject in found if subject is not None]
        keys = self._keys_of([whose for _, whose in closed])
        for (event, meta), whose in closed:
            open_in_place(event, meta.tenant, meta.stream, meta.version, keys[whose])

    def _keys_of(self, wanted: Sequence[Whose]) -> dict[Whose, AESGCM | None]:
        at_hand = {whose: self._ring.get(whose) for whose in wanted}
        keys = {whose: key for whose, key in at_hand.items() if not isinstance(key, str)}
        missing = [whose for whose in at_hand if whose not in keys]
        found = self._wrapped(missing) if missing else {}
        for whose in missing:
            keys[whose] = self._ring.unwrapped(whose, found[whose]) if whose in found else None
            self._ring.put(whose, keys[whose])
        return keys

    def _wrapped(self, missing: Sequence[Whose]) -> dict[Whose, bytes]:
        """Keys as they are stored; who has none is missing."""
        given = ([tenant for tenant, _ in missing], [subject for _, subject in missing])
        rows = self._connection.execute(self.statement.encode(), given, prepare=True).fetchall()
        return {missing[n - 1]: bytes(wrapped) for n, wrapped in rows}

    def _let_go(self) -> None:
        """Forget the keys of who was erased lately."""
        if monotonic() - self._looked < LOOK_EVERY:
            return
        self._looked = monotonic()
        for tenant, subject, position in self._connection.execute(ERASED_SINCE, ([self._seen],), prepare=True):
            self._ring.forget([(tenant, subject)])
            self._seen = position


class OpeningPast(Opening):
    """For a reader, who is one tenant within a transaction: it lives no longer, so it need not let go of anyone."""

    statement: ClassVar[str] = OF_TENANT

    def _let_go(self) -> None:
        """Nothing: keys were asked for just now."""
