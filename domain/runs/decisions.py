"""What may happen to a run: guards first, then the events. `[]` means it is already so.

How work goes back is in `going_back.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.ids import AnchorId, MemberId, ProcedureId, StepId
from domain.procedures.forms import check_values, missing_checks
from domain.reasons import need_reason
from domain.refusals import CannotDoSteps, NotFound, Refusal
from domain.runs import events as e
from domain.runs.flow import Setting, then
from domain.runs.planning import check_anchors, check_day, plan
from domain.runs.state import Run, StepState, is_form
from domain.text import check_lines, check_text


class RunClosed(Refusal):
    """The run is completed or cancelled."""

    code = "run_closed"


class RunExists(Refusal):
    """The id is that of another run."""

    code = "run_exists"


class StepNotReady(Refusal):
    """The step waits for others, or is done or skipped already."""

    code = "step_not_ready"


class NotAssignee(Refusal):
    """The step is someone else's."""

    code = "not_assignee"
    kind = "forbidden"
    recorded = True


class SameActor(Refusal):
    """Separation of duties (職務分掌): someone else must do this step."""

    code = "same_actor"
    kind = "forbidden"
    recorded = True


class WrongVerb(Refusal):
    """An approval is approved or rejected; any other step is completed."""

    code = "wrong_verb"


class RunErased(Refusal):
    """Whom the run was about was erased, and nothing is written about them any more."""

    code = "run_erased"


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
    _is_open(run, "skip", step)
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
    _is_open(run, "reassign", step)
    if state.status != "ready":
        raise StepNotReady(f"expected a step that is ready to reassign {step!r}, but it is {state.status}")
    _not_same_actor(run, setting, step, to, "be given")
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
    _is_open(run, "change the due date of", step)
    if state.is_closed:
        raise StepNotReady(f"expected an open step to change the due date of {step!r}, but it is {state.status}")
    return [e.DueDateChanged(step, state.due, due)]


def comment(run: Run, step: StepId | None, text: str, by: MemberId) -> list[e.RunEvent]:
    """Write a remark on a run, closed ones too."""
    _exists(run)
    if step is not None:
        step_of(run, step)
    check_not_erased(run, "comment")
    return [e.Commented(step, by, check_lines("text", text, 4000))]


def cancel(run: Run, setting: Setting, reason: str | None) -> list[e.RunEvent]:
    """End a run that will not be carried out any further, with a reason."""
    _exists(run)
    need_reason(reason, "cancel")
    if run.status == "cancelled":
        return []
    if not run.is_open:
        raise RunClosed("expected an open run to cancel, but it is completed")
    return [e.RunCancelled(setting.today)]


def _exists(run: Run) -> None:
    if run.status == "none":
        raise NotFound("expected a run of the company, but there is none of that id")


def step_of(run: Run, step: StepId) -> StepState:
    """The step as it is. Raises NotFound."""
    _exists(run)
    state = run.steps.get(step)
    if state is None:
        raise NotFound(f"expected a step of the run, but it has no {step!r}")
    return state


def check_not_erased(run: Run, to_do: str) -> None:
    """Refuse to write about who was erased. Raises RunErased."""
    if run.erased:
        raise RunErased(f"expected a run whose subject is known to {to_do}, but they were erased")


def _is_open(run: Run, to_do: str, step: StepId) -> None:
    if not run.is_open:
        raise RunClosed(f"expected an open run to {to_do} {step!r}, but it is {run.status}")


def need_approval(setting: Setting, step: StepId) -> None:
    """Refuse what is done to approvals alone. Raises WrongVerb."""
    if not setting.definition.step(step).approval:
        raise WrongVerb(f"expected to complete {step!r}, but it was to be approved or rejected")


def to_act(run: Run, setting: Setting, step: StepId, by: MemberId, to_do: str) -> None:
    """The step is ready, theirs to do, and they are not barred.

    Theirs is what they are to do, what nobody has of a role that they hold, and what someone has who is away and whose
    delegate they are.
    """
    _is_open(run, to_do, step)
    state = run.steps[step]
    if state.status != "ready":
        raise StepNotReady(f"expected to {to_do} {step!r}, but {_why_not(run, setting, step)}")
    holders = setting.tenant.holders.get(setting.definition.step(step).role, ())
    theirs = state.assignee == by or (state.assignee is None and by in holders)
    if not theirs and not setting.tenant.stands_in(by, state.assignee, setting.today):
        raise NotAssignee(f"expected the assignee to {to_do} {step!r}, but they are not")
    _not_same_actor(run, setting, step, by, to_do)


def _why_not(run: Run, setting: Setting, step: StepId) -> str:
    if run.steps[step].is_closed:
        return f"it is {run.steps[step].status}"
    waits = [s for s in setting.definition.step(step).after if not run.steps[s].is_closed]
    return "it waits for " + ", ".join(repr(s) for s in waits)


def _not_same_actor(run: Run, setting: Setting, step: StepId, by: MemberId, to_do: str) -> None:
    for other in setting.definition.step(step).not_same_actor_as:
        if run.steps[other].by == by:
            raise SameActor(f"expected someone other than who did {other!r} to {to_do} {step!r}, but they did it")
