"""The loop: an agenda in time order, and commands that go to the log together when none is in another's way.

The log takes simulated times only in order, over all tenants. Commands queue for it in the order in which they
begin, as long as nothing makes one wait before it is decided: so a group holds commands on different runs and
none on a tenant, and reading a stream that is known to be new asks no database.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commands.catalogue import Command
from commands.many import assigned_in, named_in
from commands.ports import Entry, Held, Last, Loaded, Log, NewEvent, Verdict
from commands.request import Request
from commands.service import CommandService
from domain.events import Event
from domain.ids import CommandId, MemberId, TenantId
from domain.refusals import Refusal
from services.demo.ids import Ids

TOGETHER = timedelta(minutes=60)
MOST_TOGETHER = 256
AT_A_TIME = 32
INSTANT = timedelta(microseconds=1)

Told = Callable[[datetime, Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class Errand:
    """A command that someone sends now; `told` hears what was written. `refusal` is what they will run into."""

    tenant: TenantId
    command: Command
    actor: MemberId | None
    told: Told
    reason: str | None = None
    refusal: type[Refusal] | None = None


Act = Callable[[datetime], Errand | None]
"""What somebody does when the time has come; None when there is no occasion any more."""


class Agenda:
    """What is to happen, in time order. Nothing can be put before what has happened already."""

    def __init__(self, start: datetime) -> None:
        self._items: list[tuple[datetime, int, str | None, Act]] = []
        self._serial = 0
        self.now = start

    def put(self, at: datetime, act: Act, stream: str | None) -> None:
        """Have something done at `at`. `stream` is the run it writes, "" for none; None asks to be alone."""
        self._serial += 1
        heapq.heappush(self._items, (max(at, self.now + INSTANT), self._serial, stream, act))

    def due(self, until: datetime) -> bool:
        """True while something is to happen up to `until`."""
        return bool(self._items) and self._items[0][0] <= until

    def next_stream(self) -> str | None:
        """The stream of the next item."""
        return self._items[0][2]

    def take(self) -> tuple[datetime, Errand | None]:
        """Let the next item happen: its time, and the errand that comes of it."""
        self.now, _, _, act = heapq.heappop(self._items)
        return self.now, act(self.now)


class Listening:
    """The log as commands need it, which also keeps what each command wrote until it is asked for.

    `states` are those of the streams, as the commands left them.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self.new: set[str] = set()
        self.states: dict[str, Any] = {}
        self._written: dict[CommandId, Sequence[Event]] = {}
        self._concerned: dict[tuple[TenantId, MemberId], tuple[set[str], set[str]]] = {}
        self._seqs: dict[TenantId, int] = {}

    async def append(self, entry: Entry) -> Verdict:
        """Append, and remember."""
        verdict = await self._log.append(entry)
        self.remember(entry, verdict)
        return verdict

    def remember(self, entry: Entry, verdict: Verdict) -> None:
        """What was written, and which runs and procedures concern whom."""
        if verdict.outcome != "appended":
            return
        self._written[entry.command] = [new.event for new in entry.events]
        self._seqs[entry.tenant] = verdict.seq
        for new in entry.events:
            if (assignee := assigned_in(new.event)) is not None:
                self._of(entry.tenant, assignee)[0].add(new.stream)
            for member in named_in(new.event):
                self._of(entry.tenant, member)[1].add(new.stream)

    def _of(self, tenant: TenantId, member: MemberId) -> tuple[set[str], set[str]]:
        return self._concerned.setdefault((tenant, member), (set(), set()))

    async def read(self, tenant: TenantId, after: Mapping[str, int]) -> Mapping[str, Sequence[Event]]:
        """The events of streams after a version."""
        return await self._log.read(tenant, after)

    async def load(self, tenant: TenantId, kinds: Mapping[str, str]) -> Mapping[str, Loaded]:
        """Whole streams; nobody else writes here, so what is new is empty, and nobody need wait for it."""
        if self.new.issuperset(kinds):
            return {}
        return await self._log.load(tenant, kinds)

    def keep(self, tenant: TenantId, stream: str, kind: str, before: int, version: int, state: Any) -> None:
        """A stream's new state."""
        self.states[stream] = state
        self._log.keep(tenant, stream, kind, before, version, state)

    async def first_answer(self, tenant: TenantId, command: CommandId) -> Verdict | None:
        """What the ledger holds for a command."""
        return await self._log.first_answer(tenant, command)

    async def last_seq(self, tenant: TenantId) -> int:
        """As the log does."""
        return await self._log.last_seq(tenant)

    async def held(self, tenant: TenantId, member: MemberId) -> Held:
        """All that ever concerned the member: nobody follows with read models here, and the log would be read whole."""
        runs, procedures = self._of(tenant, member)
        return Held(sorted(runs), sorted(procedures), self._seqs.get(tenant, 0))

    async def loads(self, tenant: TenantId) -> Mapping[MemberId, int]:
        """As the log does."""
        return await self._log.loads(tenant)

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """As the log does."""
        return await self._log.since(tenant, seq)

    async def done_by(self, tenant: TenantId, command: CommandId) -> Sequence[NewEvent]:
        """As the log does."""
        return await self._log.done_by(tenant, command)

    @asynccontextmanager
    async def closing(self) -> AsyncIterator["HeldStill"]:
        """As the log does; what is appended meanwhile is remembered too."""
        async with self._log.closing() as last:
            yield HeldStill(last, self.remember)

    def written(self, command: CommandId) -> Sequence[Event]:
        """What a command wrote; asked once."""
        return self._written.pop(command, ())


@dataclass(frozen=True, slots=True)
class HeldStill:
    """The log held still, which also keeps what is appended."""

    last: Last
    remember: Callable[[Entry, Verdict], None]

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """As the log does."""
        return await self.last.since(tenant, seq)

    async def append(self, entry: Entry) -> Verdict:
        """Append, and remember."""
        verdict = await self.last.append(entry)
        self.remember(entry, verdict)
        return verdict


class Simulation:
    """Lets the agenda happen, in time order."""

    def __init__(self, log: Listening, service: CommandService, ids: Ids, start: datetime) -> None:
        self.log = log
        self.ids = ids
        self.agenda = Agenda(start)
        self._service = service
        self.commands = 0
        self.events = 0

    async def live(self, until: datetime) -> None:
        """Let everything up to `until` happen."""
        while self.agenda.due(until):
            await self._an_hour(until)

    async def _an_hour(self, until: datetime) -> None:
        """What can go to the log together: different runs, at most an hour apart."""
        group: list[tuple[Request, Errand]] = []
        streams: set[str | None] = set()
        alone = False
        window = until
        while len(group) < MOST_TOGETHER and not alone and self.agenda.due(window):
            stream = self.agenda.next_stream()
            if group and (stream is None or stream in streams):
                break
            at, errand = self.agenda.take()
            if errand is None:
                continue
            window = window if group else min(until, at + TOGETHER)
            alone = stream is None or errand.refusal is not None
            if alone:
                await self._send(group)
                group = []
            group.append((self._request(at, errand), errand))
            streams.add(stream)
        await self._send(group)

    def _request(self, at: datetime, errand: Errand) -> Request:
        command = CommandId(self.ids.new(at))
        return Request(errand.tenant, command, at, errand.actor, reason=errand.reason, simulated=True)

    async def _send(self, group: Sequence[tuple[Request, Errand]]) -> None:
        if len(group) == 1:
            await self._carry_out(*group[0])
        elif group:
            await self._carry_out_together(group)
        for request, errand in group:
            events = self.log.written(request.command)
            self.commands += 1
            self.events += len(events)
            errand.told(request.at, events)

    async def _carry_out_together(self, group: Sequence[tuple[Request, Errand]]) -> None:
        """Some at a time: while the log writes the first, the next are decided."""
        tasks: list[asyncio.Task[None]] = []
        for first in range(0, len(group), AT_A_TIME):
            tasks += [asyncio.create_task(self._carry_out(*one)) for one in group[first : first + AT_A_TIME]]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)

    async def _carry_out(self, request: Request, errand: Errand) -> None:
        if errand.refusal is None:
            await self._service.execute(request, errand.command)
            return
        try:
            await self._service.execute(request, errand.command)
        except errand.refusal:
            return
        raise AssertionError(f"expected {errand.refusal.__name__} for {errand.command}, but it was carried out")
