"""What follows when steps close: which become ready, are skipped, or close the run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.calendar import Calendar
from domain.ids import FieldId, MemberId, RunId, StepId
from domain.procedures.conditions import applies
from domain.procedures.definition import Definition, Step
from domain.procedures.due import due_date
from domain.runs import events as e
from domain.runs.assignment import People, assignee
from domain.runs.state import Run, fold
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run's decisions look at beside the run itself. `loads` are open steps by person, where a rule asks."""

    run_id: RunId
    definition: Definition
    tenant: Tenant
    calendar: Calendar
    at: datetime
    loads: Mapping[MemberId, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day it is where the company is."""
        return self.tenant.today(self.at)


def then(run: Run, setting: Setting, *first: e.RunEvent) -> list[e.RunEvent]:
    """These events and all that follow from them, down to the run's completion."""
    events = list(first)
    news: Sequence[e.RunEvent] = first
    while news:
        run = fold(news, run)
        news = _opened(run, setting, news) if run.is_open else ()
        events += news
    # From the end: the last steps are the likeliest to be open.
    if run.is_open and all(step.is_closed for step in reversed([*run.steps.values()])):
        events.append(e.RunCompleted(setting.today))
    return events


def leaves_out(run: Run, step: Step) -> bool:
    """True when the step has a condition, and by what is known now it does not hold."""
    return step.condition is not None and not applies(step.condition, _values(run), run.anchors)


def _opened(run: Run, setting: Setting, news: Sequence[e.RunEvent]) -> list[e.RunEvent]:
    """What the steps become that wait for nothing any more, now that these events have happened."""
    definition = setting.definition
    names = {step for event in news for step in _loosened(event, definition)}
    steps = [definition.step(name) for name in sorted(names, key=definition.places.__getitem__)]
    return [
        _skipped_or_ready(run, step, setting)
        for step in steps
        if run.steps[step.id].status == "waiting" and all(run.steps[s].is_closed for s in step.after)
    ]


def _loosened(event: e.RunEvent, definition: Definition) -> Iterable[StepId]:
    """The steps that an event may leave waiting for nothing."""
    if isinstance(event, e.StepCompleted | e.StepApproved | e.StepSkipped):
        return definition.followers[event.step]
    if isinstance(event, e.StepRejected | e.StepSentBack | e.StepReopened):
        return event.reset
    return definition.places if isinstance(event, e.RunStarted) else ()


def _skipped_or_ready(run: Run, step: Step, setting: Setting) -> e.RunEvent:
    if leaves_out(run, step):
        return e.StepSkipped(step.id, "condition", setting.today)
    people = People(setting.tenant, setting.at, setting.loads)
    member, rule = assignee(setting.run_id, run, step, setting.definition, people)
    return e.StepReady(step.id, member, rule, _due(run, step, setting.calendar))


def _values(run: Run) -> Mapping[StepId, Mapping[FieldId, e.Value]]:
    return {name: answers for name, answers in run.answers.items() if run.steps[name].status == "done"}


def _due(run: Run, step: Step, calendar: Calendar) -> date | None:
    """Counted from an anchor at the start; from another step each time; and not at all when a person set it."""
    state = run.steps[step.id]
    if state.due_set or step.due is None or step.due.after is None:
        return state.due
    closed_on = {name: other.on for name, other in run.steps.items() if other.is_closed and other.on}
    return due_date(step.due, run.anchors, closed_on, calendar)
