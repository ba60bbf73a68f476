"""What the write side needs from outside: a log to read and append to, and a calendar."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from domain.events import Event
from domain.ids import CommandId, MemberId, TenantId


class Seen(NamedTuple):
    """A stream that a command looked at, the version it saw, and whether it writes to it."""

    stream: str
    version: int
    write: bool


class NewEvent(NamedTuple):
    """An event on its way to the log."""

    stream: str
    version: int
    event: Event


@dataclass(frozen=True, slots=True)
class Entry:
    """One command's append: all of it or nothing."""

    tenant: TenantId
    command: CommandId
    request_hash: bytes
    result: bytes
    seen: Sequence[Seen]
    events: Sequence[NewEvent]
    actor: MemberId | None
    on_behalf_of: MemberId | None = None
    reason: str | None = None
    occurred_at: datetime | None = None
    correlation: str | None = None
    causation: str | None = None
    simulated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log answered. `result` and `request_hash` are the first ones when it is a duplicate."""

    outcome: Literal["appended", "conflict", "duplicate"]
    position: int = 0
    seq: int = 0
    recorded_at: datetime | None = None
    result: bytes = b""
    request_hash: bytes = b""


class Loaded(NamedTuple):
    """A stream: a state kept at a version (None at 0), and the events after it."""

    version: int
    state: Any
    events: Sequence[Event]


class Held(NamedTuple):
    """Where a member may have duties, as read models know it: whatever came after `seq` may add to it."""

    runs: Sequence[str]
    procedures: Sequence[str]
    seq: int


class Last(Protocol):
    """The log held still: nobody else appends until it is let go."""

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """The tenant's events after a sequence, in order."""

    async def append(self, entry: Entry) -> Verdict:
        """Append; it cannot be a conflict when `since` was looked at."""


class LogUnavailable(Exception):
    """The log could not be reached in time; the outcome is unknown until the command is sent again."""


class Log(Protocol):
    """The log as commands see it."""

    async def append(self, entry: Entry) -> Verdict:
        """Append, or say why not. Raises LogUnavailable."""

    async def read(self, tenant: TenantId, after: Mapping[str, int]) -> Mapping[str, Sequence[Event]]:
        """The events of each stream after a version, in order; a stream without any is missing."""

    async def load(self, tenant: TenantId, kinds: Mapping[str, str]) -> Mapping[str, Loaded]:
        """Streams of the given kinds from their beginning, or from states that were kept."""

    def keep(self, tenant: TenantId, stream: str, kind: str, before: int, version: int, state: Any) -> None:
        """A stream went from a version to another, with this state: the log may keep it, later, to load it faster."""

    async def first_answer(self, tenant: TenantId, command: CommandId) -> Verdict | None:
        """What the ledger holds for a command, if anything."""

    async def held(self, tenant: TenantId, member: MemberId) -> Held:
        """The runs with a step of the member's, and the procedures that name them."""

    async def loads(self, tenant: TenantId) -> Mapping[MemberId, int]:
        """How many open steps each person has, as read models know it."""

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """The tenant's events after a sequence, in order."""

    async def done_by(self, tenant: TenantId, command: CommandId) -> Sequence[NewEvent]:
        """The events that a command appended, in order."""

    def closing(self) -> AbstractAsyncContextManager[Last]:
        """Hold the log still for a moment. Raises LogUnavailable."""

    async def last_seq(self, tenant: TenantId) -> int:
        """The tenant's last sequence number; 0 before its first event."""
