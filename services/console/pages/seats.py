"""Seats (席): the limit, who holds one since when and why, and a month's peak and seat-days."""

from datetime import date

from starlette.responses import Response

from queries.plan import PlanRow, plan_now, state_of
from queries.seats import seat_holders, seat_month, seat_usage
from services.console.event_words import event_word
from services.console.moments import NotUnderstood, month_after, month_before
from services.console.rendering import page as render
from services.console.visit import Visit

MOST_NAMES = 20
"""Names in a notice; `GET /v1/plan` has them all."""


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    ask, tenant, at, as_of = visit.deps.ask, visit.tenant_id, visit.at, visit.as_of
    month = _month(visit)
    usage = await seat_usage(ask, tenant, at=at, as_of=as_of)
    holders = await seat_holders(ask, tenant, at=at, as_of=as_of)
    zone = visit.company.time_zone
    plan = await plan_now(ask, tenant, as_of=as_of)
    used = await seat_month(ask, tenant, month=month, time_zone=zone, at=at, as_of=as_of)
    this = visit.today.replace(day=1)
    return render(
        visit,
        "seats.html",
        usage=usage,
        plan=plan,
        state=state_of(plan, at) if plan else None,
        refused_holders=visit.word("comma").join(_named(visit, plan)) if plan else "",
        holders=[(holder, event_word(holder.since_type, visit.lang)) for holder in holders],
        month=month,
        used=used,
        so_far=month == this,
        before=visit.here(month=f"{month_before(month):%Y-%m}"),
        after=visit.here(month=f"{month_after(month):%Y-%m}") if month < this else None,
    )


def _named(visit: Visit, plan: PlanRow) -> list[str]:
    """Who held the seats that a refused plan did not have, as far as one can read."""
    held = plan.refused_held_by or ()
    names = [visit.names.get(member) or visit.word("unknown_member") for member in held[:MOST_NAMES]]
    return [*names, visit.word("and_more", count=len(held) - MOST_NAMES)] if len(held) > MOST_NAMES else names


def _month(visit: Visit) -> date:
    """The month asked for, by default that of the day shown. Raises NotUnderstood."""
    text = visit.text("month")
    if text is None:
        return visit.today.replace(day=1)
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotUnderstood(text) from None
    if not date(1990, 1, 1) <= month <= date(2099, 12, 1):
        raise NotUnderstood(text)
    return month
