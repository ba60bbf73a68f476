"""Carrying out commands about many runs: decide first, then hold the log still, look at what came since, append.

An append that checks the versions of thousands of busy streams might be refused for ever, and no version says that a
run nobody looked at has just given the member a step. So the last look is taken while nobody else can append. What was
decided before stands unless something of it moved; then only what moved is folded, and it is decided again.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from commands.looked import Looked, actor, check_version
from commands.ports import Entry, Last, Log, NewEvent, Seen, Verdict
from commands.request import Request
from commands.states import Kind, Known
from commands.wide import Sight, Wants, WideCommand
from domain.duties.handing_over import Decided
from domain.duties.held import Case, World
from domain.events import Event
from domain.ids import CommandId, MemberId, ProcedureId, RunId, TenantId
from domain.procedures.events import ProcedurePublished
from domain.refusals import NotPermitted, Refusal
from domain.runs.events import StepReady, StepReassigned, StepTaken

AT_ONCE = 250
"""Streams in one read: others' commands get their turn in between."""

States = dict[str, Known]
Load = Callable[[TenantId, dict[str, Kind]], Awaitable[States]]
Refresh = Callable[[TenantId, States], Awaitable[States]]


@dataclass(slots=True)
class View:
    """What a decision about many runs looks at; complete through the tenant's sequence `seq`."""

    wants: Wants
    looked: Looked
    seq: int = 0
    past: Sequence[NewEvent] = ()
    loads: Mapping[MemberId, int] = field(default_factory=dict)

    @property
    def known(self) -> States:
        """The states by stream."""
        return self.looked.known


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: the verdict of an append, or a refusal, or neither where it is already so."""

    view: View
    decided: Decided | None = None
    verdict: Verdict | None = None
    refusal: Refusal | None = None


class Many:
    """Looks at many streams for one command, and appends to them."""

    def __init__(self, log: Log, load: Load, refresh: Refresh) -> None:
        self._log = log
        self._load = load
        self._refresh = refresh

    async def look(self, request: Request, command: WideCommand) -> View:
        """Everything the command wants to see, no older than this call."""
        tenant, wants = request.tenant, command.wants()
        kinds: dict[str, Kind] = {tenant: "tenant"}
        seq = await self._log.last_seq(tenant)  # before anything else is read, so that nothing comes between
        view = View(wants, Looked("tenant", tenant, await self._fresh(tenant, kinds), True), seq)
        runs, procedures = set(map(str, wants.runs)), set(map(str, wants.procedures))
        if wants.handover in view.known[tenant].state.handovers:
            view.past = await self._log.done_by(tenant, CommandId(wants.handover or ""))
            runs |= {new.stream for new in view.past if isinstance(new.event, StepReassigned)}
        if wants.member in view.known[tenant].state.members:
            held = await self._log.held(tenant, MemberId(wants.member or ""))
            news = await self._log.since(tenant, held.seq)
            runs |= {*held.runs, *_runs_of(news, wants.member)}
            procedures |= {*held.procedures, *_naming(news, wants.member)}
        if wants.loads:
            view.loads = await self._log.loads(tenant)
        await self._add(tenant, view, runs, procedures)
        return view

    def decide(self, request: Request, command: WideCommand, view: View) -> Decided:
        """The decision on what is seen. Raises a Refusal."""
        tenant = view.known[request.tenant].state
        check_version(request, view.looked)
        by = actor(request, command, tenant)
        if by is None:
            raise NotPermitted("expected a member to ask, but there is none")
        known = sorted(view.known.items())  # the same order for whoever decides: who gets what must not hang on it
        cases = {RunId(s): case for s, k in known if k.kind == "run" and (case := _case(s, k, view.known))}
        procedures = {ProcedureId(s): k.state for s, k in known if k.kind == "procedure" and k.state.exists}
        return command.decide(Sight(World(tenant, cases, procedures, view.loads), view.past), request, by)

    async def try_(self, request: Request, command: WideCommand) -> Outcome:
        """Look, decide, hold the log still, look at what came since, append."""
        view = await self.look(request, command)
        try:
            decided = self.decide(request, command, view)
            if not decided.runs and not decided.company:
                return Outcome(view, decided)
            async with self._log.closing() as last:
                if await self._went_on(request, view, last):
                    decided = self.decide(request, command, view)
                    if not decided.runs and not decided.company:
                        return Outcome(view, decided)
                entry = entry_of_many(request, view.known, decided)
                return Outcome(view, decided, await last.append(entry))
        except Refusal as refusal:
            return Outcome(view, refusal=refusal)

    async def _went_on(self, request: Request, view: View, last: Last) -> bool:
        """True when something that was looked at moved, or more has to be; it is all known then."""
        tenant, member = request.tenant, view.wants.member
        news = await last.since(tenant, view.seq)
        moved = _folded(view.known, news)
        runs = {run for run in _runs_of(news, member) if run not in view.known}
        procedures = {p for p in _naming(news, member) if p not in view.known}
        await self._add(tenant, view, runs, procedures)
        return moved or bool(runs or procedures)

    async def _add(self, tenant: TenantId, view: View, runs: Iterable[str], procedures: Iterable[str]) -> None:
        """Look at more runs and procedures, and at the procedures of the runs."""
        kinds: dict[str, Kind] = dict.fromkeys(runs, "run")
        view.known.update(await self._fresh(tenant, kinds))
        of_runs = {view.known[run].state.procedure for run in kinds} - {""}
        named = dict.fromkeys(procedures, "procedure") | dict.fromkeys(of_runs, "procedure")
        kinds = {stream: "procedure" for stream in named if stream not in view.known}
        view.known.update(await self._fresh(tenant, kinds))

    async def _fresh(self, tenant: TenantId, kinds: dict[str, Kind]) -> States:
        fresh: States = {}
        for part in _parts(kinds):
            fresh |= await self._refresh(tenant, await self._load(tenant, part))
        return fresh


def _parts(kinds: Mapping[str, Kind]) -> Iterator[dict[str, Kind]]:
    left = iter(kinds.items())
    while part := dict(islice(left, AT_ONCE)):
        yield part


def entry_of_many(request: Request, known: Mapping[str, Known], decided: Decided) -> Entry:
    """One append to many streams; the company's own events come last, so the last of them ends it all."""
    tenant = request.tenant
    streams: list[tuple[str, Sequence[Event]]] = [*decided.runs.items(), (tenant, decided.company)]
    new = [
        NewEvent(stream, known[stream].version + n, event)
        for stream, events in streams
        for n, event in enumerate(events, 1)
    ]
    seen = [Seen(stream, known[stream].version, bool(events)) for stream, events in streams]
    version = known[tenant].version + len(decided.company)
    result = b'{"events":%d,"stream":"%s","version":%d}' % (len(new), tenant.encode(), version)
    return Entry(
        tenant,
        request.command,
        request.request_hash,
        result,
        seen,
        new,
        request.actor,
        request.on_behalf_of,
        request.reason,
        request.occurred_at,
        request.command,
        request.causation,
        request.at if request.simulated else None,
    )


def _case(stream: str, known: Known, all_known: Mapping[str, Known]) -> Case | None:
    run = known.state
    if not run.procedure:
        return None
    return Case(RunId(stream), run, all_known[run.procedure].state.versions[run.procedure_version])


def _folded(known: States, news: Sequence[NewEvent]) -> bool:
    """Fold what came since into the states that are known; True when there was something."""
    by_stream: dict[str, list[Event]] = {}
    for new in news:
        if new.stream in known and new.version > known[new.stream].version:
            by_stream.setdefault(new.stream, []).append(new.event)
    for stream, events in by_stream.items():
        known[stream] = known[stream].after(events, len(events), known[stream].checked)
    return bool(by_stream)


def _runs_of(news: Sequence[NewEvent], member: str | None) -> set[str]:
    """The runs in which a step became the member's."""
    return {new.stream for new in news if member is not None and assigned_in(new.event) == member}


def assigned_in(event: Event) -> MemberId | None:
    """Whose a step becomes by an event; None when it is no such event, or nobody's."""
    if isinstance(event, StepReady):
        return event.assignee
    if isinstance(event, StepReassigned):
        return event.new
    return event.by if isinstance(event, StepTaken) else None


def _naming(news: Sequence[NewEvent], member: str | None) -> set[str]:
    """The procedures that were published and name the member."""
    return {new.stream for new in news if member in named_in(new.event)}


def named_in(event: Event) -> set[MemberId]:
    """Whom the roles of a procedure that is published are always given to."""
    if not isinstance(event, ProcedurePublished):
        return set()
    return {role.member for role in event.definition.roles if role.member is not None}
