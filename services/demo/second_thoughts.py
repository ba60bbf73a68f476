"""What an owner thinks better of: a cancellation, and a plan that is larger than it need be."""

from datetime import date, datetime
from functools import partial

from commands.plans import ApplyPlanChange, CancelPlan, WithdrawPlanChange
from commands.tenants import ChoosePlan
from domain.services import SCHEDULER
from domain.tenants.plans import CATALOGUE, is_fewer, month_end
from services.demo.office import Office
from services.demo.simulation import Errand


def plan_second_thoughts(office: Office, first: date) -> None:
    """Put them on the agenda of a company that began on that day."""
    hours = office.hours
    days = [hours.business_day(first, number) for number in (52, 53, 55, 56)]
    cancelled, kept, larger, smaller = (hours.at(day, 15, 10) for day in days)
    office.put(cancelled, partial(_cancel, office), None)
    office.put(kept, partial(_withdraw, office, "社内で検討の結果、継続するため"), None)
    office.put(larger, partial(_larger, office), None)
    office.put(smaller, partial(_withdraw, office, "増員の予定を確かめるため"), None)
    office.put(hours.at(days[3], 16, 30), partial(_back, office), None)
    office.put(month_end(smaller, "Asia/Tokyo"), partial(_month_over, office), None)


def _cancel(office: Office, _: datetime) -> Errand | None:
    if office.tenant.plan is None:
        return None
    return office.errand(CancelPlan(), office.owner(), reason="他のサービスを検討するため")


def _withdraw(office: Office, reason: str, _: datetime) -> Errand | None:
    if office.tenant.pending is None:
        return None
    return office.errand(WithdrawPlanChange(), office.owner(), reason=reason)


def _larger(office: Office, at: datetime) -> Errand | None:
    """The plan above the present one, at once; and the present one again as soon as that is due."""
    plan = office.tenant.plan
    above = next((sold for sold in CATALOGUE if plan and is_fewer(office.tenant.seats, sold.seats)), None)
    if above is None or plan == above.name:
        return None
    office.put(at.replace(minute=40), partial(_back, office), None)
    return office.errand(ChoosePlan(above.name), office.owner(), reason="繁忙期に備えるため")


def _back(office: Office, at: datetime) -> Errand | None:
    """The first plan below the present one, when everyone fits in; it comes at the end of the month."""
    tenant = office.tenant
    below = [sold for sold in CATALOGUE if tenant.plan and is_fewer(sold.seats, tenant.seats)]
    if not below or is_fewer(below[-1].seats, tenant.seats_held(at)):
        return None
    return office.errand(ChoosePlan(below[-1].name), office.owner(), reason="席数に余裕があるため")


def _month_over(office: Office, _: datetime) -> Errand | None:
    return None if office.tenant.pending is None else office.errand(ApplyPlanChange(), SCHEDULER.id)
