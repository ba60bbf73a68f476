"""The keys of people as commands need them: asked for in groups, made with the events that first need them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.pq.abc import PGresult

from commands.ports import Entry, LogUnavailable, NewEvent
from domain.events import Event
from domain.refusals import Refusal
from infra.event_store.arrays import Bigints, Bytes, Uuids
from infra.event_store.binary import integer_from
from infra.event_store.grouping import Grouped
from infra.event_store.sealing import open_in_place, sealed, sealed_for, unsealed_for
from infra.event_store.wire import Statement, Wire
from infra.keys.master import Master, master_of
from infra.keys.ring import MOST, UNKNOWN, Ring, Whose
from infra.roles import ROLES, as_role

OF = Statement("data_keys_of", "SELECT * FROM data_keys_of($1, $2)", (Uuids, Uuids))
MADE = Statement("data_keys_made", "SELECT * FROM data_keys_made($1, $2, $3)", (Uuids, Uuids, Bytes))
ERASED_SINCE = Statement("erased_since", "SELECT * FROM erased_since($1)", (Bigints,))
MOST_TOGETHER = 64
MOST_KEYS = 2_000
LOOK_EVERY = 2.0
"""Seconds after which a process has let go of the key of somebody who was erased by another."""


class NewKey(NamedTuple):
    """A key that is to be stored with the events that were sealed with it."""

    whose: Whose
    wrapped: bytes
    key: AESGCM


class Sealed(NamedTuple):
    """Events ready for the log, and the keys that have to go there with them."""

    events: Sequence[NewEvent]
    new: Sequence[NewKey] = ()


class NoKey(Refusal):
    """Something personal was to be written about somebody who was erased, though the log does not say so."""

    code = "subject_erased"


class SubjectKeys:
    """Seals and opens for one event loop; `stop` it at the end. Raises LogUnavailable, whatever is asked."""

    def __init__(self, dsn: str, master: Master | None = None, most: int = MOST) -> None:
        self._wire = Wire(as_role(dsn, ROLES.application))
        self._ring = Ring(master or master_of(), most)
        self._asked = Grouped(self._ask, MOST_TOGETHER, MOST_KEYS)
        self._alone = asyncio.Lock()  # a wire carries one statement at a time
        self._seen = 0
        self._looked = monotonic()
        self._looking: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """Answer what is asked, then end."""
        await self._asked.stop()
        if self._looking is not None:
            await self._looking
        await self._wire.close()

    async def sealed(self, entry: Entry, *, nobody_is_new: bool = False) -> Sealed:
        """An entry's events with what is personal in them sealed; a run that begins gets its key with its events."""
        of = [unsealed_for(new.event, new.stream) for new in entry.events]
        needed = [(n, entry.events[n], subject) for n, subject in enumerate(of) if subject is not None]
        if not needed:
            return Sealed(entry.events)
        keys: dict[str, AESGCM] = {}
        made: list[NewKey] = []
        for _, new, subject in needed:
            if new.version == 1 and subject == new.stream and not nobody_is_new:
                made.append(NewKey((entry.tenant, subject), *self._ring.new((entry.tenant, subject))))
                keys[subject] = made[-1].key
        others = {subject for _, _, subject in needed} - keys.keys()
        keys |= await self.for_writing(entry.tenant, others)
        events = list(entry.events)
        for n, new, subject in needed:
            event = sealed(new.event, entry.tenant, new.stream, new.version, keys[subject])
            events[n] = NewEvent(new.stream, new.version, event)
        return Sealed(events, made)

    def stored(self, new: Iterable[NewKey]) -> None:
        """Keys are in the database now."""
        for one in new:
            self._ring.put(one.whose, one.key)

    async def for_writing(self, tenant: str, subjects: Iterable[str]) -> dict[str, AESGCM]:
        """The key of each subject, made where there is none. Raises NoKey for who was erased."""
        at_hand = {subject: self._ring.get((tenant, subject)) for subject in subjects}
        keys = {subject: key for subject, key in at_hand.items() if isinstance(key, AESGCM)}
        return keys | await self._make(tenant, sorted(at_hand.keys() - keys.keys()))

    async def open(self, tenant: str, stream: str, events: Iterable[tuple[Event, int]]) -> None:
        """Open what is sealed in events of a stream that were just decoded, each with its version."""
        await self.open_new(tenant, [NewEvent(stream, version, event) for event, version in events])

    async def open_new(self, tenant: str, events: Iterable[NewEvent]) -> None:
        """The same, of several streams."""
        found = [(new, sealed_for(new.event, new.stream)) for new in events]
        closed = [(new, subject) for new, subject in found if subject is not None]
        if not closed:
            return
        keys = await self.of(tenant, {subject for _, subject in closed})
        for new, subject in closed:
            open_in_place(new.event, tenant, new.stream, new.version, keys[subject])

    async def of(self, tenant: str, subjects: Iterable[str]) -> Mapping[str, AESGCM | None]:
        """The key of each subject; None for who was erased."""
        self._look_now_and_then()
        found = {subject: self._ring.get((tenant, subject)) for subject in subjects}
        missing = [(tenant, subject) for subject, key in found.items() if key == UNKNOWN]
        answer = await self._asked.ask(missing, len(missing)) if missing else {}
        return {s: answer[tenant, s] if isinstance(key, str) else key for s, key in found.items()}

    def take(self, tenant: str, stream: str, wrapped: bytes) -> None:
        """The key of a stream's subject as it just came from the database; empty when there is none."""
        whose = tenant, stream
        if wrapped:
            self._ring.unwrapped(whose, wrapped)
        else:
            self._ring.put(whose, None)

    async def _ask(self, group: Sequence[Sequence[Whose]]) -> Sequence[Mapping[Whose, AESGCM | None]]:
        """Many callers' keys in one round trip."""
        wanted = list(dict.fromkeys(whose for one in group for whose in one))
        async with self._alone:
            rows = await self._wire.ask(OF, _whose(wanted))
        found = _wrapped(rows)
        keys: dict[Whose, AESGCM | None] = {}
        for n, whose in enumerate(wanted, 1):
            keys[whose] = self._ring.unwrapped(whose, found[n]) if n in found else None
            self._ring.put(whose, keys[whose])
        return [keys] * len(group)

    async def _make(self, tenant: str, subjects: Sequence[str]) -> dict[str, AESGCM]:
        if not subjects:
            return {}
        wanted = [(tenant, subject) for subject in subjects]
        offered = [self._ring.new(whose)[0] for whose in wanted]
        async with self._alone:
            found = _wrapped(await self._wire.ask(MADE, (*_whose(wanted), Bytes(offered))))
        if len(found) < len(wanted):
            raise NoKey("expected to seal what is personal, but whose it is was erased")
        return {whose[1]: self._ring.unwrapped(whose, found[n]) for n, whose in enumerate(wanted, 1)}

    def _look_now_and_then(self) -> None:
        """Let go of who was erased by others, soon; what is answered meanwhile, the erasure's own event puts right."""
        if monotonic() - self._looked > LOOK_EVERY and (self._looking is None or self._looking.done()):
            self._looked = monotonic()
            self._looking = asyncio.create_task(self._look(), name="erasures")

    async def _look(self) -> None:
        with suppress(LogUnavailable):
            async with self._alone:
                rows = await self._wire.ask(ERASED_SINCE, (Bigints([self._seen]),))
            for n in range(rows.ntuples):
                tenant, subject = (str(UUID(bytes=rows.get_value(n, column))) for column in (0, 1))
                self._ring.forget([(tenant, subject)])
                self._seen = integer_from(rows.get_value(n, 2))


def _whose(wanted: Sequence[Whose]) -> tuple[Uuids, Uuids]:
    return Uuids(tenant for tenant, _ in wanted), Uuids(subject for _, subject in wanted)


def _wrapped(rows: PGresult) -> dict[int, bytes]:
    """The keys as stored, by their place in the question, from 1."""
    return {integer_from(rows.get_value(n, 0)): rows.get_value(n, 1) or b"" for n in range(rows.ntuples)}
