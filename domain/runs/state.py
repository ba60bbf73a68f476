"""A run as its events left it. States are immutable, so a cache may share them; only a fold's own draft is not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from domain.ids import AnchorId, FieldId, MemberId, ProcedureId, StepId
from domain.personal import ERASED
from domain.runs import events as e

Status = Literal["none", "open", "completed", "cancelled"]
StepStatus = Literal["waiting", "ready", "done", "skipped"]


Form = Mapping[FieldId, e.Value] | bytes
"""The values of a form; or their fingerprint, once the state was written down (`kept`)."""
NO_FORM: Form = {}


class StepState(NamedTuple):
    """One step of one run. `by` did it last, it was closed last on the day `on`; both stay when it is done again.

    `form` is what was filled in last, to know the same form again. `due_set` says that a person set the due date: it
    is not counted anew. A tuple, since one is made for every event of a step, and a frozen dataclass takes three
    times as long.
    """

    status: StepStatus = "waiting"
    assignee: MemberId | None = None
    due: date | None = None
    by: MemberId | None = None
    on: date | None = None
    form: Form = NO_FORM
    due_set: bool = False

    @property
    def is_closed(self) -> bool:
        """Done or skipped: what depends on it may go on."""
        return self.status in ("done", "skipped")


WAITING = StepState()


@dataclass(frozen=True, slots=True)
class Run:
    """A run: which version of which procedure, for what dates, and where each step is.

    `answers` are the form values that conditions look at: no decision asks for the others.
    """

    status: Status = "none"
    procedure: ProcedureId = ProcedureId("")
    procedure_version: int = 0
    starter: MemberId = MemberId("")
    confidential: bool = False
    anchors: Mapping[AnchorId, date] = field(default_factory=dict)
    steps: Mapping[StepId, StepState] = field(default_factory=dict)
    subject: str = ""
    decisive: Mapping[StepId, tuple[FieldId, ...]] | None = None
    answers: Mapping[StepId, Mapping[FieldId, e.Value]] = field(default_factory=dict)
    erased: bool = False
    ended_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Started, and neither completed nor cancelled."""
        return self.status == "open"


def kept(run: Run) -> Run:
    """The run as it is written down: forms would be most of it, and no place else need know a person's data."""
    steps = {
        name: state if isinstance(state.form, bytes) else state._replace(form=fingerprint(state.form))
        for name, state in run.steps.items()
    }
    return replace(run, steps=steps)


def is_form(form: Form, values: Mapping[FieldId, e.Value]) -> bool:
    """True when these are the values that the form had."""
    return form == (fingerprint(values) if isinstance(form, bytes) else values)


def fingerprint(values: Mapping[FieldId, e.Value]) -> bytes:
    """16 bytes: the same for the same values of one form, in whatever order; others for others.

    Neither names nor values hold a NUL, and a field has one kind: the text is of no other form.
    """
    text = "\0".join([f"{name}\0{values[name]}" for name in sorted(values)])
    return sha256(text.encode()).digest()[:16]


def fold(events: Iterable[e.RunEvent], run: Run | None = None) -> Run:
    """The run after these events; an unknown type is a KeyError, never ignored."""
    draft = Draft(run or Run())
    for event in events:
        RULES[type(event)](event, draft)
    return draft.run()


def evolve(event: e.RunEvent, run: Run) -> Run:
    """The run after one more event."""
    return fold((event,), run)


class Draft:
    """A run while it is folded: a run of many steps is copied once, not for every event."""

    __slots__ = ("answers", "begun", "ended_on", "erased", "status", "steps")

    def __init__(self, run: Run) -> None:
        self.begun = run
        self.status: Status = run.status
        self.steps = dict(run.steps)
        self.answers = run.answers
        self.erased = run.erased
        self.ended_on = run.ended_on

    def run(self) -> Run:
        """The run as it stands."""
        begun = self.begun
        # The constructor, since `replace` takes three times as long.
        return Run(
            self.status,
            begun.procedure,
            begun.procedure_version,
            begun.starter,
            begun.confidential,
            begun.anchors,
            self.steps,
            begun.subject,
            begun.decisive,
            self.answers,
            self.erased,
            self.ended_on,
        )


def _started(event: e.RunStarted, draft: Draft) -> None:
    draft.begun = Run(
        "open",
        event.procedure,
        event.procedure_version,
        event.starter,
        event.confidential,
        event.anchors,
        subject=event.subject,
        decisive=event.decisive,
    )
    draft.status = "open"
    draft.steps = {step.id: StepState(due=step.due) if step.due else WAITING for step in event.steps}


def _ready(event: e.StepReady, draft: Draft) -> None:
    old = draft.steps[event.step]
    draft.steps[event.step] = StepState(
        "ready", event.assignee, event.due, old.by, old.on, old.form, old.due_set
    )


def _completed(event: e.StepCompleted, draft: Draft) -> None:
    values = {**event.values, **event.personal_values}
    old = draft.steps[event.step]
    draft.steps[event.step] = StepState("done", old.assignee, old.due, event.by, event.on, values, old.due_set)
    decisive = draft.begun.decisive
    if decisive is None or event.step in decisive:
        names = values if decisive is None else decisive[event.step]
        answers = {name: values[name] for name in names if name in values}
        draft.answers = {**draft.answers, event.step: answers}


def _approved(event: e.StepApproved, draft: Draft) -> None:
    _change(draft, event.step, status="done", by=event.by, on=event.on)


def _sent_back(event: e.StepRejected | e.StepSentBack | e.StepReopened, draft: Draft) -> None:
    draft.status = "open"
    for step in event.reset:
        _change(draft, step, status="waiting")


def _skipped(event: e.StepSkipped, draft: Draft) -> None:
    _change(draft, event.step, status="skipped", on=event.on)


def _reassigned(event: e.StepReassigned, draft: Draft) -> None:
    _change(draft, event.step, assignee=event.new)


def _taken(event: e.StepTaken, draft: Draft) -> None:
    _change(draft, event.step, assignee=event.by)


def _due_changed(event: e.DueDateChanged, draft: Draft) -> None:
    _change(draft, event.step, due=event.new, due_set=True)


def _commented(_: e.Commented, draft: Draft) -> None:
    """A remark changes nothing that decisions look at."""


def _run_completed(event: e.RunCompleted, draft: Draft) -> None:
    draft.status, draft.ended_on = "completed", event.on


def _run_cancelled(event: e.RunCancelled, draft: Draft) -> None:
    draft.status, draft.ended_on = "cancelled", event.on


def _erased(_: e.SubjectErased, draft: Draft) -> None:
    """Nothing that anyone filled in is left: no decision is made on it any more."""
    draft.erased, draft.answers = True, {}
    draft.begun = replace(draft.begun, subject=ERASED)
    draft.steps = {name: state._replace(form=NO_FORM) for name, state in draft.steps.items()}


def _change(draft: Draft, step: StepId, **changes: Any) -> None:
    draft.steps[step] = draft.steps[step]._replace(**changes)


RULES: Mapping[type, Callable[[Any, Draft], None]] = {
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
    e.SubjectErased: _erased,
}
