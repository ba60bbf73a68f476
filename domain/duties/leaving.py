"""Leaving: a membership, or the permission to do steps, does not end while there are duties that nobody would do."""

from datetime import datetime

from domain.duties.handing_over import Decided, after
from domain.duties.held import Duties, World, duties_of
from domain.ids import MemberId
from domain.refusals import MOST_PROBLEMS, NotFound, Refusal
from domain.tenants import decisions
from domain.tenants.member import Member
from domain.tenants.permissions import DOERS, Permission
from domain.tenants.state import Tenant


class DutiesOpen(Refusal):
    """The member still has open steps, roles, or procedures that name them: hand them over first."""

    code = "duties_open"
    recorded = True


def deactivate(
    world: World,
    member: MemberId,
    by: Member,
    reason: str | None,
    handed_over: Decided | None = None,
    handover: str | None = None,
    *,
    leave_duties: bool = False,
) -> Decided:
    """End a membership; with what `handed_over` decides in the same decision, when there is any.

    `handover` names one that was carried out before. With `leave_duties` the duties stay with someone who has left,
    for whoever comes to hand them over (a directory cannot wait).
    """
    if handover is not None and _is_of_another(world, handover, member):
        raise NotFound("expected a handover of the member, but there is none of that id")
    then = world if handed_over is None else after(world, handed_over)
    ended = decisions.deactivate(then.tenant, member, by, reason)
    if ended and not leave_duties:
        _need_none(duties_of(then, member), "end a membership")
    if handed_over is None:
        return Decided({}, ended)
    return Decided(handed_over.runs, [*ended, *handed_over.company])


def change_permission(
    world: World,
    member: MemberId,
    permission: Permission,
    by: Member,
    reason: str | None,
    at: datetime,
    access_ends_at: datetime | None = None,
) -> Decided:
    """Let a member do more or less; who is to do no steps any more, an auditor, has handed over theirs before."""
    changed = decisions.change_permission(world.tenant, member, permission, by, reason, at, access_ends_at)
    if changed and permission not in DOERS:
        _need_none(duties_of(world, member), f"become {permission}")
    return Decided({}, changed)


def has_left(tenant: Tenant, member: MemberId) -> bool:
    """True for someone whose membership has ended already."""
    found = tenant.members.get(member)
    return found is not None and found.status in ("deactivated", "expired")


def _is_of_another(world: World, handover: str, member: MemberId) -> bool:
    found = world.tenant.handovers.get(handover)
    return found is None or found.undone or found.member != member


def _need_none(duties: Duties, to_do: str) -> None:
    if duties:
        counts = f"{len(duties.steps)} open steps, {len(duties.roles)} roles, {len(duties.procedures)} procedures"
        steps = [{"run": step.case.id, "step": step.step.id} for step in duties.steps[:MOST_PROBLEMS]]
        raise DutiesOpen(
            f"expected no duties left to {to_do}, but there are {counts}",
            steps=len(duties.steps),
            approvals=sum(step.step.approval for step in duties.steps),
            roles=duties.roles,
            procedures=duties.procedures,
            open_steps=steps,
        )
