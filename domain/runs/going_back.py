"""How work goes back: an approval that is refused, a send-back (差戻し), a step that is opened again."""

from domain.ids import MemberId, StepId
from domain.procedures.graph import downstream, upstream
from domain.reasons import need_reason
from domain.refusals import Refusal
from domain.runs import events as e
from domain.runs.flow import Setting, leaves_out, then
from domain.runs.guards import RunClosed, StepNotReady, check_not_erased, need_approval, step_of, to_act
from domain.runs.state import Run


class NothingToSendBack(Refusal):
    """Work goes back to a step that was done before this one."""

    code = "nothing_to_send_back"


def reject_step(
    run: Run, setting: Setting, step: StepId, to: StepId | None, by: MemberId, reason: str | None
) -> list[e.RunEvent]:
    """Refuse an approval, with a reason: `to`, by default the step before, is to be done again."""
    step_of(run, step)
    need_approval(setting, step)
    need_reason(reason, "reject")
    to_act(run, setting, step, by, "reject")
    target = _target(run, setting, step, to)
    return then(run, setting, e.StepRejected(step, by, target, _reset(run, setting, target)))


def send_back(
    run: Run, setting: Setting, step: StepId, to: StepId | None, by: MemberId, reason: str | None
) -> list[e.RunEvent]:
    """Send work back (差戻し) from a ready step to one that was done before it, with a reason."""
    step_of(run, step)
    need_reason(reason, "send back")
    to_act(run, setting, step, by, "send back from")
    target = _target(run, setting, step, to)
    return then(run, setting, e.StepSentBack(step, by, target, _reset(run, setting, target)))


def reopen_step(run: Run, setting: Setting, step: StepId, reason: str | None) -> list[e.RunEvent]:
    """Have a done or skipped step done again, with a reason; a completed run opens again."""
    state = step_of(run, step)
    need_reason(reason, "reopen")
    if run.status == "cancelled":
        raise RunClosed(f"expected a run that was not cancelled to reopen {step!r}, but it was")
    if not state.is_closed:
        return []
    check_not_erased(run, "reopen a step")
    planned = setting.definition.step(step)
    waits_for_nothing = all(run.steps[s].is_closed for s in planned.after)
    if state.status == "skipped" and waits_for_nothing and leaves_out(run, planned):
        raise StepNotReady(f"expected a step that applies to reopen {step!r}, but its condition does not hold")
    return then(run, setting, e.StepReopened(step, _reset(run, setting, step)))


def _target(run: Run, setting: Setting, step: StepId, to: StepId | None) -> StepId:
    before = upstream(setting.definition)[step]
    done = [s for s in run.steps if s in before and run.steps[s].status == "done"]
    direct = [s for s in setting.definition.step(step).after if s in done]
    target = to or next(iter(direct or reversed(done)), None)
    if target is None or target not in done:
        raise NothingToSendBack(f"expected a done step before {step!r} to send back to, but got {to!r}")
    return target


def _reset(run: Run, setting: Setting, target: StepId) -> tuple[StepId, ...]:
    after = downstream(setting.definition)[target]
    return tuple(s for s in run.steps if s == target or (s in after and run.steps[s].status != "waiting"))
