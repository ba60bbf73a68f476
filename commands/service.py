"""Load, decide, append: how every command is carried out.

A decision is made on cached states. The append checks that every stream the decision looked at, the tenant's
included, is still at the version it saw; so a stale cache can cost a retry but never a wrong event. A refusal
is only given after the states were compared with the log.
"""

from collections.abc import Sequence
from dataclasses import replace

from commands.catalogue import Command, Narrow
from commands.entries import entry_of, entry_of_refusal, receipt_of, repeated
from commands.held import Held
from commands.loads import Loads
from commands.looked import Looked, actor, check_seen, check_version, for_whom, no_such, signed
from commands.many import Many, Outcome, View
from commands.ports import Log
from commands.procedures import ProcedureCommand
from commands.request import Contention, KeyRevoked, Receipt, Rehearsed, Request
from commands.runs import RunCommand, StartRun
from commands.states import MOST_STATES, Kind, Known, Turns, check_kind
from commands.tenants import TenantCommand, asker
from commands.wide import WideCommand
from domain.calendar import Calendar
from domain.duties.handing_over import Decided
from domain.events import Event
from domain.ids import TenantId
from domain.procedures.decisions import version_to_start
from domain.refusals import NotPermitted, Refusal
from domain.runs.flow import Setting
from domain.tenants.state import Tenant

MOST_TRIES = 20


class CommandService:
    """Carries commands out, many at a time, in one event loop."""

    def __init__(self, log: Log, calendar: Calendar, most_states: int = MOST_STATES) -> None:
        self._log = log
        self._calendar = calendar
        self._held = Held(log, most_states)
        self._turns = Turns()
        self._loads = Loads(log)
        self._many = Many(log, self._held.load, self._held.refresh)

    async def execute(self, request: Request, command: Command) -> Receipt:
        """Carry a command out. Raises a Refusal, or LogUnavailable."""
        if isinstance(command, WideCommand):
            return await self._execute_wide(request, command)
        request = signed(request, command)
        kind, stream = written_stream(request, command)
        async with self._turns.on(request.tenant, stream):
            for _ in range(MOST_TRIES):
                looked = await self._look(request, command, kind, stream)
                receipt = await self._try(request, command, looked)
                if receipt is not None:
                    return receipt
        raise Contention("expected the streams to rest for a moment, but others kept changing them")

    async def tenant(self, tenant: TenantId, max_age: float = 1.0) -> Tenant:
        """The tenant, at most `max_age` seconds behind the log."""
        return await self._held.tenant(tenant, max_age)

    async def rehearse(self, request: Request, command: Narrow) -> Rehearsed:
        """What the command would come to right now, by the very decision it is made by; nothing is written.

        Raises what keeps the caller from asking at all: NotPermitted, KeyRevoked, NotFound.
        """
        kind, stream = written_stream(request, command)
        looked = await self._look(request, command, kind, stream)
        looked.known = await self._held.refresh(request.tenant, looked.known)
        check_seen(request, command, looked)
        state = looked.known[looked.written].state
        try:
            return Rehearsed(state, self._decide(request, command, looked))
        except (NotPermitted, KeyRevoked):
            raise
        except Refusal as refusal:
            return Rehearsed(state, (), refusal)

    async def preview(self, request: Request, command: WideCommand) -> tuple[View, Decided]:
        """What a command about many runs would do, without doing it or asking why. Raises a Refusal."""
        request = replace(request, reason=request.reason or command.name)
        view = await self._many.look(request, command)
        return view, self._many.decide(request, command, view)

    async def _execute_wide(self, request: Request, command: WideCommand) -> Receipt:
        """Carry a command about many runs out, one at a time for a company."""
        async with self._turns.on(request.tenant, f"many of {request.tenant}"):
            for _ in range(MOST_TRIES):
                if first := await self._answered(request):
                    return first
                receipt = await self._settled(request, command, await self._many.try_(request, command))
                if receipt is not None:
                    return receipt
        raise Contention("expected the streams to rest for a moment, but others kept changing them")

    async def _settled(self, request: Request, command: WideCommand, outcome: Outcome) -> Receipt | None:
        """The answer that an outcome is; None to try again."""
        looked, verdict, decided = outcome.view.looked, outcome.verdict, outcome.decided
        if outcome.refusal is not None:
            return await self._refuse(request, command, looked, outcome.refusal)
        if verdict is None:
            return await self._already_so(request, looked)
        if verdict.outcome == "duplicate":
            return repeated(request, verdict)
        if verdict.outcome == "conflict" or decided is None:
            return None
        streams: dict[str, Sequence[Event]] = {request.tenant: decided.company}
        streams |= {str(run): events for run, events in decided.runs.items()}
        for stream, events in streams.items():
            self._held.keep(request, Looked(looked.known[stream].kind, stream, looked.known), events)
        count = sum(map(len, streams.values()))
        version = looked.version + len(decided.company)
        return Receipt(request.command, request.tenant, version, verdict.position, verdict.seq, count)

    async def _try(self, request: Request, command: Narrow, looked: Looked) -> Receipt | None:
        """One decision and its append; None when the states were stale, and are fresh now."""
        refusal: Refusal | None = None
        events: Sequence[Event] = ()
        try:
            check_seen(request, command, looked)
            check_version(request, looked)
            events = self._decide(request, command, looked)
            request = for_whom(request, command, looked)
        except Refusal as refused:
            refusal = refused
        if events:
            return await self._append(request, looked, events)
        if not looked.fresh and await self._went_on(request, looked):
            return None
        if refusal is not None:
            return await self._refuse(request, command, looked, refusal)
        return await self._already_so(request, looked)

    async def _append(self, request: Request, looked: Looked, events: Sequence[Event]) -> Receipt | None:
        """Append what was decided; None when a state was stale, and is fresh now."""
        verdict = await self._log.append(entry_of(request, looked, events))
        if verdict.outcome == "appended":
            if events:
                self._held.keep(request, looked, events)
                self._loads.note(request.tenant, events)
            return receipt_of(request, looked, len(events), verdict.position, verdict.seq)
        if verdict.outcome == "duplicate":
            return repeated(request, verdict)
        await self._went_on(request, looked)
        return None

    async def _already_so(self, request: Request, looked: Looked) -> Receipt | None:
        """Nothing to append. What may be sent again is noted all the same: its key stands for it and no other."""
        if request.repeatable:
            return await self._append(request, looked, ())
        return receipt_of(request, looked, 0, 0, await self._log.last_seq(request.tenant))

    def _decide(self, request: Request, command: Narrow, looked: Looked) -> Sequence[Event]:
        tenant: Tenant = looked.known[request.tenant].state
        by = actor(request, command, tenant)
        state = looked.known[looked.written].state
        if isinstance(command, TenantCommand):
            return command.decide(state, request, by)
        if isinstance(command, ProcedureCommand):
            return command.decide(state, request)
        member = asker(by).id
        if isinstance(command, StartRun):
            version, definition = version_to_start(looked.known[command.procedure].state)
            setting = Setting(command.run, definition, tenant, self._calendar, request.at, looked.loads)
            return command.decide(state, setting, version, member)
        definition = looked.known[state.procedure].state.versions[state.procedure_version]
        setting = Setting(command.run, definition, tenant, self._calendar, request.at, looked.loads)
        return command.decide(state, setting, request, member)

    async def _look(self, request: Request, command: Narrow, kind: Kind, stream: str) -> Looked:
        """The states a command needs: from the cache, or else from the log."""
        kinds: dict[str, Kind] = {stream: kind}
        if isinstance(command, StartRun):
            _add(kinds, command.procedure, "procedure")
        _add(kinds, request.tenant, "tenant")
        known = await self._held.load(request.tenant, kinds)
        if kind == "run":
            procedure = known[stream].state.procedure
            if not procedure and isinstance(command, RunCommand):
                raise no_such("run")
            if procedure and procedure not in known:
                known |= await self._held.load(request.tenant, {procedure: "procedure"})
        looked = Looked(kind, stream, known)
        if any(_by_load(k) for k in known.values()):
            looked.loads = await self._loads.of(request.tenant)
        return looked

    async def _went_on(self, request: Request, looked: Looked) -> bool:
        """True when a state was behind the log; either way they are fresh now."""
        fresh = await self._held.refresh(request.tenant, looked.known)
        behind = any(fresh[s].version != known.version for s, known in looked.known.items())
        looked.known, looked.fresh = fresh, True
        return behind

    async def _answered(self, request: Request) -> Receipt | None:
        """The first answer to a command that is sent again."""
        verdict = await self._log.first_answer(request.tenant, request.command) if request.repeatable else None
        return repeated(request, verdict) if verdict else None

    async def _refuse(self, request: Request, command: Command, looked: Looked, refusal: Refusal) -> Receipt:
        """Refuse, on record when it matters to an auditor; a command that succeeded before still did."""
        if first := await self._answered(request):
            return first
        exists = looked.known[request.tenant].version > 0
        if refusal.recorded and exists and request.actor in looked.known[request.tenant].state.members:
            verdict = await self._log.append(entry_of_refusal(request, command, looked, refusal))
            if verdict.outcome == "duplicate":
                return repeated(request, verdict)
        raise refusal


def written_stream(request: Request, command: Command) -> tuple[Kind, str]:
    """The kind and id of the stream that a command writes."""
    if isinstance(command, TenantCommand | WideCommand):
        return "tenant", request.tenant
    if isinstance(command, ProcedureCommand):
        return "procedure", command.procedure
    return "run", command.run


def _by_load(known: Known) -> bool:
    """True for a procedure that gives work to whoever has least to do."""
    return known.kind == "procedure" and any(version.spreads_by_load for version in known.state.versions.values())


def _add(kinds: dict[str, Kind], stream: str, kind: Kind) -> None:
    """One more stream to look at; the same id can't be asked for as two things."""
    check_kind(kinds.setdefault(stream, kind), kind)
