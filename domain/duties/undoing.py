"""Undoing a handover: what is still as it left it goes back; the rest stays, and is named."""

from collections.abc import Sequence

from domain.duties.handing_over import NOTHING, Decided, by_run
from domain.duties.held import Case, OpenStep, World
from domain.ids import MemberId, RunId
from domain.reasons import need_reason
from domain.refusals import CannotDoSteps, NotFound, NotPermitted
from domain.runs.events import StepReassigned
from domain.tenants import duty_events as d
from domain.tenants import events as e
from domain.tenants.handovers import Handover, Staying
from domain.tenants.member import Member
from domain.tenants.permissions import MANAGERS
from domain.tenants.state import Tenant


def undo(
    world: World,
    handover: str,
    moved: Sequence[tuple[RunId, StepReassigned]],
    holders: Sequence[d.RoleHoldersSet],
    by: Member,
    reason: str | None,
) -> Decided:
    """Give back what a handover moved, once, with a reason; `moved` and `holders` are its own events."""
    found = _found(world.tenant, handover, by)
    need_reason(reason, "undo a handover")
    if found.undone:
        return NOTHING
    if not world.tenant.can_do_steps(found.member):
        raise CannotDoSteps("expected someone who completes steps to give back to, but they cannot, or have left")
    given: list[tuple[OpenStep, MemberId]] = []
    stays: list[Staying] = []
    for run, event in moved:
        step, why = _still(world.cases.get(run), event)
        if step is None or step.bars(found.member):
            stays.append(Staying(why or "same_actor", run, event.step))
        else:
            given.append((step, found.member))
    roles, kept = _roles(world.tenant, holders)
    undone = d.HandoverUndone(handover, found.member, len(given), (*stays, *kept))
    return Decided(by_run(given), [*roles, undone])


def _found(tenant: Tenant, handover: str, by: Member) -> Handover:
    found = tenant.handovers.get(handover)
    if found is None:
        raise NotFound("expected a handover of the company, but there is none of that id")
    if by.permission not in MANAGERS and not (found.own and found.member == by.id):
        may = ", ".join(sorted(MANAGERS))
        raise NotPermitted(f"expected one of {may} to undo this handover, but they are {by.permission}")
    return found


def _still(case: Case | None, event: StepReassigned) -> tuple[OpenStep | None, str]:
    """The step when it is as the handover left it; or else why not."""
    if case is None or not case.run.is_open:
        return None, "run_closed"
    state = case.run.steps[event.step]
    if state.status != "ready":
        return None, state.status
    if state.assignee != event.new:
        return None, "reassigned"
    return OpenStep(case, case.definition.step(event.step), event.new), ""


def _roles(tenant: Tenant, changed: Sequence[d.RoleHoldersSet]) -> tuple[list[e.TenantEvent], list[Staying]]:
    back: list[e.TenantEvent] = []
    stays: list[Staying] = []
    for event in changed:
        if tenant.holders.get(event.role) == event.new:
            back.append(d.RoleHoldersSet(event.role, event.new, event.old))
        else:
            stays.append(Staying("changed", role=event.role))
    return back, stays
