"""The log in memory, with PostgreSQL's answers, so that laws can be tried on many histories."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from commands.ports import Entry, Held, Loaded, NewEvent, Verdict
from domain.events import Event
from domain.ids import CommandId, MemberId, TenantId
from infra.event_store.codec import decode_event, encode

Stream = tuple[TenantId, str]


@dataclass
class MemoryLog:
    """Bodies as they would be stored, by stream; and the ledger."""

    streams: dict[Stream, list[bytes]] = field(default_factory=dict)
    ledger: dict[tuple[TenantId, CommandId], Verdict] = field(default_factory=dict)
    position: int = 0
    order: list[tuple[TenantId, CommandId, NewEvent]] = field(default_factory=list)

    def copy(self) -> "MemoryLog":
        """Another log with the same past."""
        return deepcopy(self)

    async def append(self, entry: Entry) -> Verdict:
        """All of it or nothing."""
        if first := self.ledger.get((entry.tenant, entry.command)):
            return replace(first, outcome="duplicate")
        if any(len(self.streams.get((entry.tenant, s.stream), ())) != s.version for s in entry.seen):
            return Verdict("conflict")
        for new in entry.events:
            body = encode(
                new.event, new.stream, new.version, actor=entry.actor, command=entry.command, correlation=""
            )
            assert decode_event(body) == new.event, "what is stored is not what was decided"
            self.streams.setdefault((entry.tenant, new.stream), []).append(body)
            self.order.append((entry.tenant, entry.command, new))
            self.position += 1
        at = entry.simulated_at or datetime(2026, 1, 1, tzinfo=UTC)
        verdict = Verdict("appended", self.position, self.position, at, entry.result, entry.request_hash)
        self.ledger[entry.tenant, entry.command] = verdict
        return verdict

    async def read(self, tenant: TenantId, after: Mapping[str, int]) -> Mapping[str, Sequence[Event]]:
        """The events of each stream after a version."""
        found = {stream: self.events(tenant, stream)[version:] for stream, version in after.items()}
        return {stream: events for stream, events in found.items() if events}

    async def load(self, tenant: TenantId, kinds: Mapping[str, str]) -> Mapping[str, Loaded]:
        """Whole streams."""
        found = {stream: self.events(tenant, stream) for stream in kinds}
        return {stream: Loaded(0, None, events) for stream, events in found.items() if events}

    def keep(self, tenant: TenantId, stream: str, kind: str, before: int, version: int, state: Any) -> None:
        """Nothing is kept: streams are short here."""

    async def first_answer(self, tenant: TenantId, command: CommandId) -> Verdict | None:
        """What the ledger holds."""
        first = self.ledger.get((tenant, command))
        return replace(first, outcome="duplicate") if first else None

    async def last_seq(self, tenant: TenantId) -> int:
        """Positions serve as the sequence of every tenant here."""
        return self.position

    async def held(self, tenant: TenantId, member: MemberId) -> Held:
        """Nothing is known beforehand: the log tells it all."""
        return Held((), (), 0)

    async def loads(self, tenant: TenantId) -> Mapping[MemberId, int]:
        """There are no read models here."""
        return {}

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """The tenant's events after a position."""
        return [new for of, _, new in self.order[seq:] if of == tenant]

    async def done_by(self, tenant: TenantId, command: CommandId) -> Sequence[NewEvent]:
        """What a command appended."""
        return [new for of, by, new in self.order if (of, by) == (tenant, command)]

    @asynccontextmanager
    async def closing(self) -> AsyncIterator["MemoryLog"]:
        """Nobody else is here."""
        yield self

    def events(self, tenant: TenantId, stream: str) -> list[Event]:
        """The events of a stream, read from their stored bodies."""
        return [decode_event(body) for body in self.streams.get((tenant, stream), ())]
