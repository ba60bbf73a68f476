"""A run as its events left it. States are immutable, so a cache may share them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from domain.ids import AnchorId, FieldId, MemberId, ProcedureId, StepId
from domain.runs import events as e

Status = Literal["none", "open", "completed", "cancelled"]
StepStatus = Literal["waiting", "ready", "done", "skipped"]


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of one run. `by` did it last, it was closed last on the day `on`; both stay when it is done again.

    `due_set` says that a person set the due date: it is not counted anew.
    """

    status: StepStatus = "waiting"
    assignee: MemberId | None = None
    due: date | None = None
    by: MemberId | None = None
    on: date | None = None
    values: Mapping[FieldId, e.Value] = field(default_factory=dict)
    due_set: bool = False

    @property
    def is_closed(self) -> bool:
        """Done or skipped: what depends on it may go on."""
        return self.status in ("done", "skipped")


@dataclass(frozen=True, slots=True)
class Run:
    """A run: which version of which procedure, for what dates, and where each step is."""

    status: Status = "none"
    procedure: ProcedureId = ProcedureId("")
    procedure_version: int = 0
    starter: MemberId = MemberId("")
    confidential: bool = False
    anchors: Mapping[AnchorId, date] = field(default_factory=dict)
    steps: Mapping[StepId, StepState] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Started, and neither completed nor cancelled."""
        return self.status == "open"


def fold(events: Iterable[e.RunEvent], run: Run | None = None) -> Run:
    """The run after these events."""
    run = run or Run()
    for event in events:
        run = evolve(event, run)
    return run


def evolve(event: e.RunEvent, run: Run) -> Run:
    """The run after one more event; an unknown type is a KeyError, never ignored."""
    return RULES[type(event)](event, run)


def _started(event: e.RunStarted, _: Run) -> Run:
    steps = {step.id: StepState(due=step.due) for step in event.steps}
    return Run(
        "open",
        event.procedure,
        event.procedure_version,
        event.starter,
        event.confidential,
        event.anchors,
        steps,
    )


def _ready(event: e.StepReady, run: Run) -> Run:
    old = run.steps[event.step]
    ready = StepState("ready", event.assignee, event.due, old.by, old.on, old.values, old.due_set)
    return _with(run, event.step, ready)


def _completed(event: e.StepCompleted, run: Run) -> Run:
    values = {**event.values, **event.personal_values}
    old = run.steps[event.step]
    done = StepState("done", old.assignee, old.due, event.by, event.on, values, old.due_set)
    return _with(run, event.step, done)


def _approved(event: e.StepApproved, run: Run) -> Run:
    old = run.steps[event.step]
    return _with(run, event.step, replace(old, status="done", by=event.by, on=event.on))


def _sent_back(event: e.StepRejected | e.StepSentBack | e.StepReopened, run: Run) -> Run:
    waiting = {step: replace(run.steps[step], status="waiting") for step in event.reset}
    return replace(run, status="open", steps={**run.steps, **waiting})


def _skipped(event: e.StepSkipped, run: Run) -> Run:
    return _with(run, event.step, replace(run.steps[event.step], status="skipped", on=event.on))


def _reassigned(event: e.StepReassigned, run: Run) -> Run:
    return _with(run, event.step, replace(run.steps[event.step], assignee=event.new))


def _taken(event: e.StepTaken, run: Run) -> Run:
    return _with(run, event.step, replace(run.steps[event.step], assignee=event.by))


def _due_changed(event: e.DueDateChanged, run: Run) -> Run:
    return _with(run, event.step, replace(run.steps[event.step], due=event.new, due_set=True))


def _commented(_: e.Commented, run: Run) -> Run:
    return run


def _run_completed(_: e.RunCompleted, run: Run) -> Run:
    return replace(run, status="completed")


def _run_cancelled(_: e.RunCancelled, run: Run) -> Run:
    return replace(run, status="cancelled")


def _with(run: Run, step: StepId, state: StepState) -> Run:
    # The constructor, since `replace` takes three times as long and this is most of a long run's loading.
    return Run(
        run.status,
        run.procedure,
        run.procedure_version,
        run.starter,
        run.confidential,
        run.anchors,
        {**run.steps, step: state},
    )


RULES: Mapping[type, Callable[[Any, Run], Run]] = {
    e.RunStarted: _started,
    e.StepReady: _ready,
    e.StepCompleted: _completed,
    e.StepApproved: _approved,
    e.StepRejected: _sent_back,
    e.StepSentBack: _sent_back,
    e.StepReopened: _sent_back,
    e.StepSkipped: _skipped,
    e.StepReassigned: _reassigned,
    e.StepTaken: _taken,
    e.DueDateChanged: _due_changed,
    e.Commented: _commented,
    e.RunCompleted: _run_completed,
    e.RunCancelled: _run_cancelled,
}
