"""Commands on a run: start it, do its steps, correct it, end it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from commands.request import Request
from domain.ids import AnchorId, MemberId, ProcedureId, RunId, StepId
from domain.runs import decisions, going_back
from domain.runs.events import RunEvent
from domain.runs.flow import Setting
from domain.runs.state import Run


@dataclass(frozen=True, slots=True)
class StartRun:
    """Carry a procedure out for a subject; the run's id is new. It also reads the procedure's stream."""

    name: ClassVar[str] = "start_run"
    run: RunId
    procedure: ProcedureId
    subject: str
    anchors: Mapping[AnchorId, date]

    def decide(self, run: Run, setting: Setting, version: int, by: MemberId) -> list[RunEvent]:
        """See decisions.start."""
        return decisions.start(run, setting, self.procedure, version, self.subject, self.anchors, by)


class RunCommand:
    """A command on a run that was started: it writes the run's stream and reads the tenant's."""

    name: ClassVar[str]
    run: RunId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """The events, or a refusal."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CompleteStep(RunCommand):
    """Complete a step with its form's values; `checks` are the ticked items of its checklist, from 0."""

    name: ClassVar[str] = "complete_step"
    run: RunId
    step: StepId
    values: Mapping[str, object]
    checks: tuple[int, ...] = ()

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.complete_step."""
        return decisions.complete_step(run, setting, self.step, by, self.values, self.checks)


@dataclass(frozen=True, slots=True)
class ApproveStep(RunCommand):
    """Give an approval."""

    name: ClassVar[str] = "approve_step"
    run: RunId
    step: StepId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.approve_step."""
        return decisions.approve_step(run, setting, self.step, by)


@dataclass(frozen=True, slots=True)
class RejectStep(RunCommand):
    """Refuse an approval; `to` is done again, by default the step before."""

    name: ClassVar[str] = "reject_step"
    run: RunId
    step: StepId
    to: StepId | None = None

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See going_back.reject_step."""
        return going_back.reject_step(run, setting, self.step, self.to, by, request.reason)


@dataclass(frozen=True, slots=True)
class SendBack(RunCommand):
    """Send work back from a ready step to one done before it."""

    name: ClassVar[str] = "send_back"
    run: RunId
    step: StepId
    to: StepId | None = None

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See going_back.send_back."""
        return going_back.send_back(run, setting, self.step, self.to, by, request.reason)


@dataclass(frozen=True, slots=True)
class ReopenStep(RunCommand):
    """Have a closed step done again."""

    name: ClassVar[str] = "reopen_step"
    run: RunId
    step: StepId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See going_back.reopen_step."""
        return going_back.reopen_step(run, setting, self.step, request.reason)


@dataclass(frozen=True, slots=True)
class SkipStep(RunCommand):
    """Leave a step out."""

    name: ClassVar[str] = "skip_step"
    run: RunId
    step: StepId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.skip_step."""
        return decisions.skip_step(run, setting, self.step, request.reason)


@dataclass(frozen=True, slots=True)
class ReassignStep(RunCommand):
    """Give a ready step to another member."""

    name: ClassVar[str] = "reassign_step"
    run: RunId
    step: StepId
    to: MemberId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.reassign_step."""
        return decisions.reassign_step(run, setting, self.step, self.to, request.reason)


@dataclass(frozen=True, slots=True)
class TakeStep(RunCommand):
    """Take a ready step that nobody has."""

    name: ClassVar[str] = "take_step"
    run: RunId
    step: StepId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.take_step."""
        return decisions.take_step(run, setting, self.step, by)


@dataclass(frozen=True, slots=True)
class ChangeDueDate(RunCommand):
    """Make a step due on another day."""

    name: ClassVar[str] = "change_due_date"
    run: RunId
    step: StepId
    due: date

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.change_due_date."""
        return decisions.change_due_date(run, self.step, self.due, request.reason)


@dataclass(frozen=True, slots=True)
class Comment(RunCommand):
    """Write a remark on the run, or on one of its steps."""

    name: ClassVar[str] = "comment"
    run: RunId
    step: StepId | None
    text: str

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.comment."""
        return decisions.comment(run, self.step, self.text, by)


@dataclass(frozen=True, slots=True)
class CancelRun(RunCommand):
    """End a run that will not be carried out any further."""

    name: ClassVar[str] = "cancel_run"
    run: RunId

    def decide(self, run: Run, setting: Setting, request: Request, by: MemberId) -> list[RunEvent]:
        """See decisions.cancel."""
        return decisions.cancel(run, setting, request.reason)
