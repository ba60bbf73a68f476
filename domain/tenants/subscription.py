"""What may happen to a company's plan: guards first, then the events. `[]` means it is already so, or not due yet.

More seats come at once, fewer at the end of the billing month: checked now, and once more at that moment.
"""

from datetime import datetime

from domain.ids import MemberId
from domain.reasons import need_reason
from domain.refusals import NotFound, Refusal
from domain.tenants import events as e
from domain.tenants import plan_events as p
from domain.tenants.decisions import SeatLimitReached, expire_invitations
from domain.tenants.plan_state import Pending
from domain.tenants.plans import check_seats, is_fewer, month_end, plan_on
from domain.tenants.state import Tenant


class NoPlan(Refusal):
    """There is no plan that could be ended: the company is on trial, or its subscription has ended already."""

    code = "no_plan"


class NothingPending(Refusal):
    """No change of the plan is waiting for its moment."""

    code = "nothing_pending"


def choose_plan(
    tenant: Tenant, plan: str, seats: int | None, reason: str | None, at: datetime
) -> list[e.TenantEvent]:
    """Take a plan; `seats` only where the contract sets the cap (enterprise). A change needs a reason.

    The first plan and one with more seats take effect at once, one with fewer at the end of the billing month. It takes
    the place of a change that is pending; the plan that one has puts an end to that change and is all else as it was.
    """
    limit = check_seats(plan_on(plan, tenant.today(at)), seats)
    pending = tenant.pending
    if (plan, limit) == ((tenant.plan, tenant.seats) if pending is None else (pending.plan, pending.seats)):
        return []
    if tenant.plan is not None and not tenant.is_writable(at):
        # Its end has come, and nobody has noted it yet.
        return [p.PlanCancelled(tenant.plan), *_at_once(tenant, None, plan, limit, at)]
    if tenant.plan is not None:
        need_reason(reason, "change the plan")
    if (plan, limit) == (tenant.plan, tenant.seats):
        return _withdrawn(tenant)
    if tenant.plan is not None and is_fewer(limit, tenant.seats):
        return _scheduled(tenant, tenant.plan, plan, limit, at)
    return [*_withdrawn(tenant), *_at_once(tenant, tenant.plan, plan, limit, at)]


def withdraw_plan_change(tenant: Tenant, reason: str | None) -> list[e.TenantEvent]:
    """Let a scheduled change, or a scheduled cancellation, not happen; with a reason."""
    need_reason(reason, "withdraw a change of the plan")
    if tenant.pending is None:
        raise NothingPending("expected a pending change of the plan to withdraw, but there is none")
    return _withdrawn(tenant)


def cancel_plan(tenant: Tenant, reason: str | None, at: datetime) -> list[e.TenantEvent]:
    """Let the subscription end with the billing month, with a reason. It takes the place of a pending change."""
    need_reason(reason, "cancel the subscription")
    if tenant.plan is None:
        raise NoPlan("expected a plan to cancel, but there is none")
    if tenant.pending is not None and tenant.pending.plan is None:
        return []
    ends = month_end(at, tenant.time_zone)
    return [*_withdrawn(tenant), p.CancellationScheduled(tenant.plan, ends)]


def lapse_plan(tenant: Tenant, reason: str | None, at: datetime) -> list[e.TenantEvent]:
    """End the subscription at once, with a reason: the operator's to decide."""
    if not tenant.exists:
        raise NotFound("expected a company to let its subscription lapse, but there is none of that id")
    need_reason(reason, "let a subscription lapse")
    if tenant.plan is None and tenant.ended == "lapsed":
        return []
    if tenant.plan is None or not tenant.is_writable(at):
        raise NoPlan("expected a plan to let lapse, but there is none")
    return [*_withdrawn(tenant), p.PlanLapsed(tenant.plan)]


def end_trial(tenant: Tenant, at: datetime) -> list[e.TenantEvent]:
    """Note that the trial ended without a plan."""
    if tenant.trial_ends_at is None or tenant.plan is not None or tenant.ended or at < tenant.trial_ends_at:
        return []
    return [*expire_invitations(tenant, at), p.TrialEnded(tenant.trial_ends_at)]


def apply_plan_change(tenant: Tenant, at: datetime) -> list[e.TenantEvent]:
    """Carry out what is pending and due: the smaller plan if the seats held fit it by now, or the end."""
    pending = tenant.pending
    if pending is None or tenant.plan is None or at < pending.at:
        return []
    if pending.plan is None:
        return [*expire_invitations(tenant, at), p.PlanCancelled(tenant.plan)]
    return [*expire_invitations(tenant, at), _checked_again(tenant, tenant.plan, pending.plan, pending, at)]


def _checked_again(tenant: Tenant, old: str, new: str, pending: Pending, at: datetime) -> e.TenantEvent:
    surplus, holders = _surplus(tenant, pending.seats, at)
    if surplus and pending.seats is not None:
        return p.PlanChangeRefused(old, new, pending.seats, surplus, tuple(holders))
    return e.PlanChosen(old, new, pending.seats, pending.yen_a_month)


def _at_once(
    tenant: Tenant, old: str | None, plan: str, limit: int | None, at: datetime
) -> list[e.TenantEvent]:
    _check_fits(tenant, plan, limit, at)
    price = plan_on(plan, tenant.today(at)).yen_a_month
    return [*expire_invitations(tenant, at), e.PlanChosen(old, plan, limit, price)]


def _scheduled(tenant: Tenant, old: str, plan: str, limit: int | None, at: datetime) -> list[e.TenantEvent]:
    _check_fits(tenant, plan, limit, at)
    ends = month_end(at, tenant.time_zone)
    price = plan_on(plan, tenant.today(ends)).yen_a_month
    return [*_withdrawn(tenant), p.PlanChangeScheduled(old, plan, limit, price, ends)]


def _withdrawn(tenant: Tenant) -> list[e.TenantEvent]:
    """The end of what is pending, when something is."""
    pending = tenant.pending
    if pending is None or tenant.plan is None:
        return []
    if pending.plan is None:
        return [p.CancellationWithdrawn(tenant.plan, pending.at)]
    return [p.PlanChangeWithdrawn(pending.plan, pending.seats, pending.at)]


def _check_fits(tenant: Tenant, plan: str, limit: int | None, at: datetime) -> None:
    surplus, holders = _surplus(tenant, limit, at)
    if surplus:
        raise SeatLimitReached(
            f"expected at most {limit} seats in use to choose {plan}, but {len(holders)} are held",
            surplus=surplus,
            held_by=holders,
        )


def _surplus(tenant: Tenant, limit: int | None, at: datetime) -> tuple[int, list[MemberId]]:
    """How many seats are held beyond a limit, and who holds one."""
    holders = tenant.seat_holders(at)
    return (max(0, len(holders) - limit) if limit is not None else 0), holders
