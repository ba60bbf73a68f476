"""A run as the people around it live it: they hear that a step is ready, and one day they do it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar

from commands.runs import (
    ApproveStep,
    CancelRun,
    ChangeDueDate,
    Comment,
    CompleteStep,
    ReassignStep,
    RejectStep,
    ReopenStep,
    RunCommand,
    SendBack,
    SkipStep,
    StartRun,
    TakeStep,
)
from domain.confidential import may_see_run
from domain.events import Event
from domain.ids import AnchorId, MemberId, RunId, StepId
from domain.procedures.definition import Definition, Step
from domain.refusals import NotPermitted, Refusal
from domain.runs import events as e
from domain.runs.guards import NotAssignee, SameActor
from domain.runs.state import Run
from services.demo import people
from services.demo.forms import fill
from services.demo.office import Office
from services.demo.simulation import Errand


class Case:
    """One run. `turns` counts how often a step became someone's: older intentions about it are void."""

    __slots__ = ("definition", "id", "office", "run", "steps", "turns")

    def __init__(self, office: Office, run: RunId, definition: Definition) -> None:
        self.office = office
        self.id = run
        self.run = Run()
        self.definition = definition
        self.steps: Mapping[StepId, Step] = {step.id: step for step in definition.steps}
        self.turns: dict[StepId, int] = dict.fromkeys(self.steps, 0)

    @staticmethod
    def start(
        office: Office, run: RunId, code: str, role: str, subject: str, anchors: Mapping[str, date], _: datetime
    ) -> Errand | None:
        """Someone with the role starts the run, when the procedure is there and somebody holds the role."""
        starters = office.starters(role)
        if code not in office.procedures or not starters:
            return None
        procedure, definition = office.procedures[code]
        case = office.cases[run] = Case(office, run, definition)
        office.world.log.new.add(run)
        days = {AnchorId(name): day for name, day in anchors.items()}
        command = StartRun(run, procedure, subject, days)
        return office.errand(command, office.chance.choice(starters), case.told)

    def told(self, at: datetime, events: Sequence[Event]) -> None:
        """What was written to the run: keep its state, and think of what to do now."""
        self.run = self.office.world.log.states.pop(self.id, self.run)
        for event in events:
            if reaction := self.REACTIONS.get(type(event)):
                reaction(self, at, event)

    def moved(self, at: datetime) -> None:
        """Steps of the run went to others by a command about many runs."""
        now = self.office.world.log.states[self.id]
        old = self.run.steps
        changed = [(step, old[step].assignee, state.assignee) for step, state in now.steps.items()]
        self.told(at, [e.StepReassigned(step, was, to) for step, was, to in changed if to and was != to])

    def _started(self, at: datetime, _: e.RunStarted) -> None:
        office = self.office
        office.world.log.new.discard(self.id)
        if office.chance.random() < people.CANCELLATIONS:
            day = office.hours.business_day(office.hours.today(at), office.chance.randrange(1, 10))
            office.put(office.hours.on(day), self._cancel, self.id)

    def _is_theirs(self, at: datetime, event: e.StepReady | e.StepReassigned | e.StepTaken) -> None:
        """The step has someone to do it, or waits to be taken."""
        self.turns[event.step] += 1
        state = self.run.steps[event.step]
        if state.assignee is None:
            self._again(at, event.step, 30)
            return
        office = self.office
        temper = office.temper_of(state.assignee)
        moment = temper.moment_for(office.chance, office.hours, at, state.due)
        office.put(moment, partial(self.work, event.step, self.turns[event.step]), self.id)

    def _again(self, at: datetime, step: StepId, minutes: int) -> None:
        moment = self.office.hours.soon(at, minutes)
        self.office.put(moment, partial(self.work, step, self.turns[step]), self.id)

    def _completed(self, at: datetime, _: e.RunCompleted) -> None:
        office = self.office
        if office.chance.random() >= people.REOPENINGS:
            del office.cases[self.id]
            return
        day = office.hours.business_day(office.hours.today(at), office.chance.randrange(1, 8))
        office.put(office.hours.on(day), self._reopen, self.id)

    def _cancelled(self, _: datetime, __: e.RunCancelled) -> None:
        del self.office.cases[self.id]

    def work(self, step: StepId, turn: int, at: datetime) -> Errand | None:
        """The moment has come to do the step, unless things went on meanwhile."""
        state = self.run.steps[step]
        if not self.run.is_open or state.status != "ready" or self.turns[step] != turn:
            return None
        if state.assignee is None or not self.office.tenant.is_active(state.assignee):
            return self._find_someone(step, state.assignee)
        what = people.incident(self.office.chance)
        errand = self.INCIDENTS[what](self, step, state.assignee, at) if what else None
        return errand or self._finish(step, state.assignee, at)

    def hand_over(self, step: StepId, turn: int, why: str, _: datetime) -> Errand | None:
        """A manager gives the step to another holder of its role."""
        state = self.run.steps[step]
        if not self.run.is_open or state.status != "ready" or self.turns[step] != turn:
            return None
        others = self._others(step, state.assignee)
        if not others:
            return None
        command = ReassignStep(self.id, step, self.office.chance.choice(others))
        return self._errand(command, self.office.manager(), why)

    def _find_someone(self, step: StepId, absent: MemberId | None) -> Errand | None:
        fitting = self._fitting(step)
        if absent is None and fitting:
            taker = self.office.chance.choice(fitting)
            return self._errand(TakeStep(self.id, step), taker)
        return self.hand_over(step, self.turns[step], "absent", self.office.world.agenda.now)

    def _finish(self, step: StepId, by: MemberId, at: datetime) -> Errand:
        planned, chance = self.steps[step], self.office.chance
        if not planned.approval:
            return self._errand(self._completion(planned, at), by)
        if chance.random() < people.REJECTIONS and self._follows_a_done_step(step):
            return self._errand(RejectStep(self.id, step), by, "reject")
        return self._errand(ApproveStep(self.id, step), by)

    def _completion(self, step: Step, at: datetime) -> CompleteStep:
        office = self.office
        values = fill(office.chance, step, office.hours.today(at), office.chance.choice(office.doers()))
        return CompleteStep(self.id, step.id, values, tuple(range(len(step.checklist))))

    def _comment(self, step: StepId, by: MemberId, at: datetime) -> Errand:
        self._again(at, step, 120)
        return self._errand(Comment(self.id, step, self.office.chance.choice(people.REMARKS)), by)

    def _move_due(self, step: StepId, _: MemberId, at: datetime) -> Errand:
        self._again(at, step, 240)
        office = self.office
        today = office.hours.today(at)
        due = people.later_due(office.chance, office.hours, today, self.run.steps[step].due)
        return self._errand(ChangeDueDate(self.id, step, due), office.manager(), "move_due")

    def _reassign(self, step: StepId, _: MemberId, at: datetime) -> Errand | None:
        return self.hand_over(step, self.turns[step], "reassign", at)

    def _send_back(self, step: StepId, by: MemberId, _: datetime) -> Errand | None:
        if not self._follows_a_done_step(step):
            return None
        return self._errand(SendBack(self.id, step), by, "send_back")

    def _skip(self, step: StepId, _: MemberId, __: datetime) -> Errand | None:
        if self.steps[step].approval:
            return None
        return self._errand(SkipStep(self.id, step), self.office.manager(), "skip")

    def _intrude(self, step: StepId, by: MemberId, at: datetime) -> Errand | None:
        """Someone does what is another's to do, or what is not theirs to decide: refused, and on record."""
        office, planned = self.office, self.steps[step]
        others = [m for m in office.doers() if m != by and self._is_seen_by(m)]
        if not others:
            return None
        self._again(at, step, 60)
        if office.tenant.members[by].permission == "member" and office.chance.random() < 0.5:
            return self._errand(SkipStep(self.id, step), by, "skip", NotPermitted)
        other = office.chance.choice(others)
        command = ApproveStep(self.id, step) if planned.approval else self._completion(planned, at)
        return self._errand(command, other, refusal=NotAssignee)

    def _help_themselves(self, step: StepId, _: MemberId, at: datetime) -> Errand | None:
        """A check is given to the one whose work is to be checked: refused, and on record."""
        doers = [m for m in self._barred(step) if self.office.tenant.is_active(m)]
        if not doers:
            return None
        self._again(at, step, 60)
        return self._errand(ReassignStep(self.id, step, doers[0]), self.office.manager(), "mistake", SameActor)

    def _cancel(self, _: datetime) -> Errand | None:
        if not self.run.is_open:
            return None
        return self._errand(CancelRun(self.id), self.office.manager(), "cancel")

    def _reopen(self, _: datetime) -> Errand | None:
        done = [s for s, state in self.run.steps.items() if state.status == "done" and not self.steps[s].approval]
        return self._errand(ReopenStep(self.id, done[-1]), self.office.manager(), "reopen") if done else None

    def _errand(
        self,
        command: RunCommand,
        by: MemberId,
        why: str | None = None,
        refusal: type[Refusal] | None = None,
    ) -> Errand:
        reason = people.reason(self.office.chance, why) if why else None
        return self.office.errand(command, by, self.told, reason, refusal)

    def _is_seen_by(self, member: MemberId) -> bool:
        tenant = self.office.tenant
        return may_see_run(self.run, self.definition, tenant, tenant.members[member])

    def _follows_a_done_step(self, step: StepId) -> bool:
        return any(self.run.steps[before].status == "done" for before in self.steps[step].after)

    def _barred(self, step: StepId) -> list[MemberId]:
        doers = (self.run.steps[other].by for other in self.steps[step].not_same_actor_as)
        return [by for by in doers if by is not None]

    def _fitting(self, step: StepId) -> list[MemberId]:
        barred = self._barred(step)
        return [m for m in self.office.holders(self.steps[step].role) if m not in barred]

    def _others(self, step: StepId, than: MemberId | None) -> list[MemberId]:
        """Who else could do it: holders of the role, or at last anyone."""
        barred = {*self._barred(step), than}
        fitting = [m for m in self._fitting(step) if m != than]
        return fitting or [m for m in self.office.doers() if m not in barred]

    REACTIONS: ClassVar[Mapping[type, Callable[["Case", datetime, Any], None]]] = {
        e.RunStarted: _started,
        e.StepReady: _is_theirs,
        e.StepReassigned: _is_theirs,
        e.StepTaken: _is_theirs,
        e.RunCompleted: _completed,
        e.RunCancelled: _cancelled,
    }
    INCIDENTS: ClassVar[Mapping[str, Callable[["Case", StepId, MemberId, datetime], Errand | None]]] = {
        "comment": _comment,
        "move_due": _move_due,
        "reassign": _reassign,
        "send_back": _send_back,
        "skip": _skip,
        "intrude": _intrude,
        "help_themselves": _help_themselves,
    }
