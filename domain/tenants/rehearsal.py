"""What a change of the plan would come to, told from the very events that it would make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.tenants import plan_events as p
from domain.tenants.events import PlanChosen, TenantEvent
from domain.tenants.folding import fold
from domain.tenants.plan_state import Pending
from domain.tenants.plans import check_seats, plan_on
from domain.tenants.state import Tenant

Outcome = Literal["at_once", "scheduled", "withdrawn", "unchanged"]


@dataclass(frozen=True, slots=True)
class Terms:
    """A plan (None: none), its limit of seats (None: no limit), and yen a month."""

    plan: str | None
    seats: int | None
    yen_a_month: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would come of it, when, on which terms, and which pending change would not happen any more."""

    outcome: Outcome
    at: datetime | None
    terms: Terms
    replaces: Pending | None


def present_terms(tenant: Tenant) -> Terms:
    """What holds now; on trial, the trial's seats for nothing."""
    return Terms(tenant.plan, tenant.seats, tenant.yen_a_month)


def asked_terms(tenant: Tenant, plan: str, seats: int | None, at: datetime) -> Terms:
    """What a plan offers on the day. Raises InvalidInput."""
    sold = plan_on(plan, tenant.today(at))
    return Terms(plan, check_seats(sold, seats), sold.yen_a_month)


def foresee(tenant: Tenant, events: Sequence[TenantEvent], at: datetime) -> Foreseen:
    """What a decision's events would make of the plan."""
    after = fold(events, tenant)
    withdrawn = any(isinstance(event, p.PlanChangeWithdrawn | p.CancellationWithdrawn) for event in events)
    replaces = tenant.pending if withdrawn else None
    if any(isinstance(event, PlanChosen) for event in events):
        return Foreseen("at_once", at, present_terms(after), replaces)
    pending = after.pending
    if pending is not None and events:
        terms = Terms(pending.plan, pending.seats if pending.plan else 0, pending.yen_a_month)
        return Foreseen("scheduled", pending.at, terms, replaces)
    return Foreseen("withdrawn" if events else "unchanged", at if events else None, present_terms(after), replaces)
