"""What keeps somebody from acting on a run or a step: refusals, and the guards that raise them."""

from domain.ids import MemberId, StepId
from domain.refusals import NotFound, Refusal
from domain.runs.flow import Setting
from domain.runs.state import Run, StepState


class RunClosed(Refusal):
    """The run is completed or cancelled."""

    code = "run_closed"


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


def to_act(run: Run, setting: Setting, step: StepId, by: MemberId, to_do: str) -> None:
    """The step is ready, theirs to do, and they are not barred.

    Theirs is what they are to do, what nobody has of a role that they hold, and what someone has who is away and whose
    delegate they are.
    """
    check_open(run, to_do, step)
    state = run.steps[step]
    if state.status != "ready":
        raise StepNotReady(f"expected to {to_do} {step!r}, but {_why_not(run, setting, step)}")
    holders = setting.tenant.holders.get(setting.definition.step(step).role, ())
    theirs = state.assignee == by or (state.assignee is None and by in holders)
    if not theirs and not setting.tenant.stands_in(by, state.assignee, setting.today):
        raise NotAssignee(f"expected the assignee to {to_do} {step!r}, but they are not")
    check_not_same_actor(run, setting, step, by, to_do)


def step_of(run: Run, step: StepId) -> StepState:
    """The step as it is. Raises NotFound."""
    check_exists(run)
    state = run.steps.get(step)
    if state is None:
        raise NotFound(f"expected a step of the run, but it has no {step!r}")
    return state


def need_approval(setting: Setting, step: StepId) -> None:
    """Refuse what is done to approvals alone. Raises WrongVerb."""
    if not setting.definition.step(step).approval:
        raise WrongVerb(f"expected to complete {step!r}, but it was to be approved or rejected")


def check_exists(run: Run) -> None:
    """Refuse what is to happen to a run that never started. Raises NotFound."""
    if run.status == "none":
        raise NotFound("expected a run of the company, but there is none of that id")


def check_open(run: Run, to_do: str, step: StepId) -> None:
    """Refuse to go on with a run that is completed or cancelled. Raises RunClosed."""
    if not run.is_open:
        raise RunClosed(f"expected an open run to {to_do} {step!r}, but it is {run.status}")


def check_not_erased(run: Run, to_do: str) -> None:
    """Refuse to write about who was erased. Raises RunErased."""
    if run.erased:
        raise RunErased(f"expected a run whose subject is known to {to_do}, but they were erased")


def check_not_same_actor(run: Run, setting: Setting, step: StepId, by: MemberId, to_do: str) -> None:
    """Refuse a step to who did another that it is kept apart from (職務分掌). Raises SameActor."""
    for other in setting.definition.step(step).not_same_actor_as:
        if run.steps[other].by == by:
            raise SameActor(f"expected someone other than who did {other!r} to {to_do} {step!r}, but they did it")


def _why_not(run: Run, setting: Setting, step: StepId) -> str:
    if run.steps[step].is_closed:
        return f"it is {run.steps[step].status}"
    waits = [s for s in setting.definition.step(step).after if not run.steps[s].is_closed]
    return "it waits for " + ", ".join(repr(s) for s in waits)
