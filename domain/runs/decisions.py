"""What may happen to a run: guards first, then the events. `[]` means it is already so.

What keeps somebody from it is in `guards.py`, and how work goes back in `going_back.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.ids import AnchorId, MemberId, ProcedureId, StepId
from domain.procedures.forms import check_values, missing_checks
from domain.reasons import need_reason
from domain.refusals import CannotDoSteps, NotFound, Refusal
from domain.runs import events as e
from domain.runs.flow import Setting, then
from domain.runs.guards import (
    RunClosed,
    StepNotReady,
    WrongVerb,
    check_exists,
    check_not_erased,
    check_not_same_actor,
    check_open,
    need_approval,
    step_of,
    to_act,
)
from domain.runs.planning import check_anchors, check_day, plan
from domain.runs.state import Run, is_form
from domain.text import check_lines, check_text


class RunExists(Refusal):
    """The id is that of another run."""

    code = "run_exists"


class ChecklistOpen(Refusal):
    """Not every item of the checklist is ticked."""

    code = "checklist_open"
    kind = "invalid"


def start(
    run: Run,
    setting: Setting,
    procedure: ProcedureId,
    version: int,
    subject: str,
    anchors: Mapping[AnchorId, date],
    by: MemberId,
) -> list[e.RunEvent]:
    """Start a run: plan its dates, and make ready what waits for nothing."""
    if run.status != "none":
        _same_start(run, procedure, subject, anchors, by)
        return []
    check_anchors(setting, anchors)
    definition = setting.definition
    started = e.RunStarted(
        procedure=procedure,
        procedure_version=version,
        title=definition.title,
        department=definition.department,
        confidential=definition.confidential,
        starter=by,
        anchors=dict(anchors),
        calendar=setting.calendar.version,
        on=setting.today,
        steps=plan(setting, anchors),
        decisive=definition.decisive,
        documents=definition.documents,
        subject=check_text("subject", subject, 200),
    )
    return then(run, setting, started)


def _same_start(
    run: Run, procedure: ProcedureId, subject: str, anchors: Mapping[AnchorId, date], by: MemberId
) -> None:
    """An id stands for one run: started again just the same it is already so, otherwise it is taken."""
    asked = (procedure, check_text("subject", subject, 200), anchors, by)
    if (run.procedure, run.subject, run.anchors, run.starter) != asked:
        raise RunExists("expected a new id to start a run, but another run has it")


def complete_step(
    run: Run,
    setting: Setting,
    step: StepId,
    by: MemberId,
    values: Mapping[str, object],
    checks: Sequence[int],
) -> list[e.RunEvent]:
    """Complete a step that is ready; the last one completes the run."""
    state = step_of(run, step)
    planned = setting.definition.step(step)
    if planned.approval:
        raise WrongVerb(f"expected to approve or reject {step!r}, but it was to be completed")
    form = check_values(planned, values)
    if state.status == "done" and state.by == by and is_form(state.form, {**form.plain, **form.personal}):
        return []
    to_act(run, setting, step, by, "complete")
    if missing := missing_checks(planned, checks):
        raise ChecklistOpen(f"expected every item ticked to complete {step!r}, but {len(missing)} are open")
    completed = e.StepCompleted(
        step, by, setting.today, form.plain, len(planned.checklist), form.personal
    )
    return then(run, setting, completed)


def approve_step(run: Run, setting: Setting, step: StepId, by: MemberId) -> list[e.RunEvent]:
    """Give an approval that is asked for."""
    state = step_of(run, step)
    need_approval(setting, step)
    if state.status == "done" and state.by == by:
        return []
    to_act(run, setting, step, by, "approve")
    return then(run, setting, e.StepApproved(step, by, setting.today))


def skip_step(run: Run, setting: Setting, step: StepId, reason: str | None) -> list[e.RunEvent]:
    """Leave a step out, with a reason."""
    state = step_of(run, step)
    need_reason(reason, "skip")
    if state.status == "skipped":
        return []
    check_open(run, "skip", step)
    if state.status == "done":
        raise StepNotReady(f"expected a step that is not done to skip {step!r}, but it is done")
    return then(run, setting, e.StepSkipped(step, "person", setting.today))


def reassign_step(
    run: Run, setting: Setting, step: StepId, to: MemberId, reason: str | None
) -> list[e.RunEvent]:
    """Give a ready step to another active member, with a reason."""
    state = step_of(run, step)
    need_reason(reason, "reassign")
    if not setting.tenant.is_active(to):
        raise NotFound("expected an active member to reassign to, but there is none of that id")
    if not setting.tenant.can_do_steps(to):
        raise CannotDoSteps("expected someone who completes steps to reassign to, but they are an auditor")
    if state.assignee == to and state.status == "ready":
        return []
    check_open(run, "reassign", step)
    if state.status != "ready":
        raise StepNotReady(f"expected a step that is ready to reassign {step!r}, but it is {state.status}")
    check_not_same_actor(run, setting, step, to, "be given")
    return [e.StepReassigned(step, state.assignee, to)]


def take_step(run: Run, setting: Setting, step: StepId, by: MemberId) -> list[e.RunEvent]:
    """Take a ready step that nobody has, as a holder of its role."""
    state = step_of(run, step)
    if state.assignee == by and state.status == "ready":
        return []
    to_act(run, setting, step, by, "take")
    return [e.StepTaken(step, by)]


def change_due_date(run: Run, step: StepId, due: date, reason: str | None) -> list[e.RunEvent]:
    """Make a step due on another day, with a reason."""
    state = step_of(run, step)
    need_reason(reason, "change the due date")
    check_day("due", due)
    if state.due == due:
        return []
    check_open(run, "change the due date of", step)
    if state.is_closed:
        raise StepNotReady(f"expected an open step to change the due date of {step!r}, but it is {state.status}")
    return [e.DueDateChanged(step, state.due, due)]


def comment(run: Run, step: StepId | None, text: str, by: MemberId) -> list[e.RunEvent]:
    """Write a remark on a run, closed ones too."""
    check_exists(run)
    if step is not None:
        step_of(run, step)
    check_not_erased(run, "comment")
    return [e.Commented(step, by, check_lines("text", text, 4000))]


def cancel(run: Run, setting: Setting, reason: str | None) -> list[e.RunEvent]:
    """End a run that will not be carried out any further, with a reason."""
    check_exists(run)
    need_reason(reason, "cancel")
    if run.status == "cancelled":
        return []
    if not run.is_open:
        raise RunClosed("expected an open run to cancel, but it is completed")
    return [e.RunCancelled(setting.today)]
