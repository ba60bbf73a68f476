"""A crowd of clients who start, complete, reassign, hand over and undo at random, from two desks."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from time import monotonic

import psycopg

from commands.catalogue import Command
from commands.duties import HandOver, MoveSteps, UndoHandover
from commands.request import Receipt
from commands.runs import ApproveStep, CompleteStep, ReassignStep, StartRun
from commands.tenants import DeactivateMember, ReactivateMember
from domain.duties.moving import Move
from domain.events import Event
from domain.ids import MemberId, RunId
from domain.refusals import Refusal
from domain.runs.state import Run
from domain.runs.state import fold as fold_run
from domain.tenants.duty_events import HandedOver
from domain.tenants.folding import fold as fold_tenant
from domain.tenants.handovers import Rule
from domain.tenants.state import Tenant
from infra.event_store.codec import command_of, decode_event
from infra.ids import uuid7
from infra.read_store.live import Live, connect, ensure
from projections.catalogue import PROJECTIONS
from tests.commands.desks import Desk
from tests.people import AIKO, BUNTA, CHIE, COMPANY, DAIKI, EMI, GORO, IKUKO, JOINING, JOINING_DAY, PROCEDURE

PEOPLE = (AIKO, BUNTA, CHIE, DAIKI, IKUKO, GORO)
WHY = "無作為"
WORK = {
    "_start": 20,
    "_step": 40,
    "_reassign": 20,
    "_move": 5,
    "_hand_over": 8,
    "_undo": 3,
    "_leave": 1,
    "_come_back": 3,
}
"""What a client does next, by how often."""
LOG = "SELECT tenant_seq, stream_id::text, body FROM events WHERE tenant_id = %s ORDER BY tenant_seq"
TASKS = "SELECT run_id::text, step_id, assignee::text FROM tasks.task WHERE tenant_id = %s"


@dataclass
class Crowd:
    """What the clients know together: runs that were started, and handovers that were answered."""

    desks: Sequence[Desk]
    chance: Random
    runs: list[RunId] = field(default_factory=list)
    handovers: dict[str, tuple[MemberId, int]] = field(default_factory=dict)
    left: dict[int, MemberId] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)

    async def work(self, clients: int, seconds: float) -> None:
        """Let so many clients work for some seconds."""
        until = monotonic() + seconds
        for _ in range(4):
            await self._start(self.desks[0], self.chance)
        await asyncio.gather(*(self._client(number, until) for number in range(clients)))

    async def _client(self, number: int, until: float) -> None:
        chance, desk = Random(self.chance.random()), self.desks[number % len(self.desks)]
        while monotonic() < until:
            try:
                await self._one(desk, chance)
            except Refusal as refusal:
                self.answers[refusal.code] += 1

    async def _one(self, desk: Desk, chance: Random) -> None:
        [what] = chance.choices(list(WORK), list(WORK.values()))
        await getattr(self, what)(desk, chance)

    async def _start(self, desk: Desk, chance: Random) -> None:
        run = RunId(uuid7())
        await self._do(desk, StartRun(run, PROCEDURE, "新人", {JOINING_DAY: date(2026, 5, 1)}))
        self.runs.append(run)

    async def _reassign(self, desk: Desk, chance: Random) -> None:
        run, step = chance.choice(self._lately()), chance.choice(JOINING.steps).id
        await self._do(desk, ReassignStep(run, step, chance.choice(PEOPLE)))

    async def _move(self, desk: Desk, chance: Random) -> None:
        runs = chance.sample(self._lately(), 2)
        moves = [Move(run, chance.choice(JOINING.steps).id, chance.choice(PEOPLE)) for run in runs]
        await self._do(desk, MoveSteps(tuple(moves)))

    async def _undo(self, desk: Desk, chance: Random) -> None:
        if self.handovers:
            await self._do(desk, UndoHandover(chance.choice(list(self.handovers))))

    async def _leave(self, desk: Desk, chance: Random) -> None:
        member = chance.choice(PEOPLE)
        receipt = await self._do(desk, DeactivateMember(member))
        if receipt.events:
            self.left[receipt.seq] = member

    async def _come_back(self, desk: Desk, chance: Random) -> None:
        await self._do(desk, ReactivateMember(chance.choice(PEOPLE)))

    async def _hand_over(self, desk: Desk, chance: Random) -> None:
        giver, *others = chance.sample(PEOPLE, 3)
        receipt = await self._do(desk, HandOver(giver, (Rule(tuple(others)),)))
        if receipt.events:
            self.handovers[receipt.command] = (giver, receipt.seq)

    async def _step(self, desk: Desk, chance: Random) -> None:
        run, step = chance.choice(self._lately()), chance.choice(JOINING.steps)
        command: Command = CompleteStep(run, step.id, {}, tuple(range(len(step.checklist))))
        if step.fields:
            command = CompleteStep(run, step.id, {"employment": chance.choice(("新卒", "中途"))})
        if step.approval:
            command = ApproveStep(run, step.id)
        await self._do(desk, command, by=chance.choice(PEOPLE))

    def _lately(self) -> list[RunId]:
        """Runs that are likely to be open."""
        return self.runs[-40:]

    async def _do(self, desk: Desk, command: Command, by: MemberId = EMI) -> Receipt:
        receipt = await desk.do(command, by=by, reason=WHY)
        self.answers[f"{command.name}{'' if receipt.events else ' (so already)'}"] += 1
        return receipt


class Recount:
    """The company recounted from its log, event by event, looked at wherever a promise is due."""

    def __init__(self, crowd: Crowd) -> None:
        self.tenant = Tenant()
        self.runs: dict[str, Run] = {}
        self._closing = {seq: (handover, giver) for handover, (giver, seq) in crowd.handovers.items()}
        self._left = crowd.left
        self._stayed: set[tuple[str | None, str | None]] = set()
        self._ended: set[str] = set()
        self._command = ""

    def take(self, seq: int, stream: str, command: str, event: Event) -> None:
        """One more event."""
        self._together(command)
        if event.type == "run.step_reassigned":
            state = self.runs[stream].steps[event.step]
            assert (state.status, state.assignee) == ("ready", event.old), "an event overtook another"
        if event.type.startswith("run."):
            self.runs[stream] = fold_run([event], self.runs.get(stream))
        if event.type.startswith("tenant."):
            self.tenant = fold_tenant([event], self.tenant)
        if isinstance(event, HandedOver):
            self._stayed = {(staying.run, staying.step) for staying in event.stays}
        if seq in self._closing:
            self._closed(command, *self._closing[seq])
        if seq in self._left:
            assert not self._open(self._left[seq]), "someone left with a step"

    def _together(self, command: str) -> None:
        if command != self._command:
            assert command not in self._ended, "a command's events do not stand together"
            self._ended.add(self._command)
            self._command = command

    def _closed(self, command: str, handover: str, giver: MemberId) -> None:
        """At its last event nothing is left with who handed over, but what the handover itself says had to stay."""
        assert command == handover
        assert self._open(giver) <= self._stayed, "a step was forgotten"
        assert not [role for role, holders in self.tenant.holders.items() if giver in holders]

    def _open(self, member: MemberId) -> set[tuple[str | None, str | None]]:
        return {
            (stream, name)
            for stream, run in self.runs.items()
            for name, state in run.steps.items()
            if run.is_open and state.status == "ready" and state.assignee == member
        }


def check(dsn: str, crowd: Crowd) -> Recount:
    """One assignee for every step, none lost, nothing half-moved, and every handover proven at its sequence."""
    recount = Recount(crowd)
    with psycopg.connect(dsn) as connection:
        log = connection.execute(LOG, (COMPANY,)).fetchall()
    assert [row[0] for row in log] == list(range(1, len(log) + 1))
    for seq, stream, body in log:
        recount.take(seq, stream, command_of(body), decode_event(body))
    assert set(recount.runs) == set(crowd.runs)
    _agrees(dsn, recount)
    return recount


def _agrees(dsn: str, recount: Recount) -> None:
    """The tasks that people see are the ready steps of the recount, each once, with the same assignee."""
    expected = {
        (stream, str(name)): state.assignee
        for stream, run in recount.runs.items()
        for name, state in run.steps.items()
        if run.is_open and state.status == "ready"
    }
    with connect(dsn) as connection:
        ensure(connection, PROJECTIONS)
        with Live(dsn, PROJECTIONS) as live:
            while live.step():
                pass
        found = connection.execute(TASKS, (COMPANY,)).fetchall()
    assert {(run, step): assignee for run, step, assignee in found} == expected
    assert len(found) == len(expected)
