"""What has happened to a run. Events carry what they decided (who, when due), so replay looks nothing up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from domain.ids import AnchorId, DepartmentId, FieldId, MemberId, ProcedureId, RoleId, StepId
from domain.personal import personal
from domain.procedures.definition import DocumentPart

Value = str | bool


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as planned at the start: `due` when it could be computed then."""

    id: StepId
    title: str
    role: RoleId
    due: date | None
    legal: bool
    approval: bool


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A procedure began for a subject. `calendar` names the holidays that the dates were counted with.

    `decisive` names the fields of each step that the conditions of other steps look at; None in events older
    than schema 2, which said nothing of it. `documents` tells what the fields of each step say of a document that it
    keeps; there is nothing in events older than schema 3.
    """

    type: ClassVar[str] = "run.started"
    schema: ClassVar[int] = 3
    procedure: ProcedureId
    procedure_version: int
    title: str
    department: DepartmentId
    confidential: bool
    starter: MemberId
    anchors: Mapping[AnchorId, date]
    calendar: str
    on: date
    steps: tuple[PlannedStep, ...]
    decisive: Mapping[StepId, tuple[FieldId, ...]] | None
    documents: Mapping[StepId, Mapping[FieldId, DocumentPart]]
    subject: str = personal(of="stream")


@dataclass(frozen=True, slots=True)
class StepReady:
    """A step can be done. `rule` is the name of the rule that found the assignee."""

    type: ClassVar[str] = "run.step_ready"
    step: StepId
    assignee: MemberId | None
    rule: str
    due: date | None


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """A step was done; `on` is the day it was, where the company is."""

    type: ClassVar[str] = "run.step_completed"
    step: StepId
    by: MemberId
    on: date
    values: Mapping[FieldId, Value]
    checks: int
    personal_values: Mapping[FieldId, Value] = personal(of="stream")


@dataclass(frozen=True, slots=True)
class StepApproved:
    """An approval was given."""

    type: ClassVar[str] = "run.step_approved"
    step: StepId
    by: MemberId
    on: date


@dataclass(frozen=True, slots=True)
class StepRejected:
    """An approval was refused: `to` is to be done again, and `reset` wait again."""

    type: ClassVar[str] = "run.step_rejected"
    step: StepId
    by: MemberId
    to: StepId
    reset: tuple[StepId, ...]


@dataclass(frozen=True, slots=True)
class StepSentBack:
    """Work went back (差戻し) from `step` to `to`, which is to be done again; `reset` wait again."""

    type: ClassVar[str] = "run.step_sent_back"
    step: StepId
    by: MemberId
    to: StepId
    reset: tuple[StepId, ...]


@dataclass(frozen=True, slots=True)
class StepReopened:
    """A step that was done or skipped is to be done again; `reset` wait again."""

    type: ClassVar[str] = "run.step_reopened"
    step: StepId
    reset: tuple[StepId, ...]


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step is left out: its condition does not hold, or a person said so. What is due after it counts from `on`."""

    type: ClassVar[str] = "run.step_skipped"
    step: StepId
    cause: Literal["condition", "person"]
    on: date


@dataclass(frozen=True, slots=True)
class StepReassigned:
    """Someone else is to do the step."""

    type: ClassVar[str] = "run.step_reassigned"
    step: StepId
    old: MemberId | None
    new: MemberId


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A holder of the role took a step that nobody had."""

    type: ClassVar[str] = "run.step_taken"
    step: StepId
    by: MemberId


@dataclass(frozen=True, slots=True)
class DueDateChanged:
    """A step is due on another day."""

    type: ClassVar[str] = "run.due_date_changed"
    step: StepId
    old: date | None
    new: date


@dataclass(frozen=True, slots=True)
class Commented:
    """Someone wrote a remark on the run, or on one of its steps."""

    type: ClassVar[str] = "run.commented"
    step: StepId | None
    by: MemberId
    text: str = personal(of="stream")


@dataclass(frozen=True, slots=True)
class RunCompleted:
    """Every step is done or skipped: the run closed itself."""

    type: ClassVar[str] = "run.completed"
    on: date


@dataclass(frozen=True, slots=True)
class RunCancelled:
    """The run will not be carried out any further."""

    type: ClassVar[str] = "run.cancelled"
    on: date


@dataclass(frozen=True, slots=True)
class SubjectErased:
    """Whom the run was about was erased: its append destroys the key that their data are sealed under."""

    type: ClassVar[str] = "run.subject_erased"
    erasure: str


RunEvent = (
    RunStarted
    | StepReady
    | StepCompleted
    | StepApproved
    | StepRejected
    | StepSentBack
    | StepReopened
    | StepSkipped
    | StepReassigned
    | StepTaken
    | DueDateChanged
    | Commented
    | RunCompleted
    | RunCancelled
    | SubjectErased
)
