"""Seats (席): the limit, who holds one since when and why, a year month by month, and the entries of a month."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from queries.plan import PlanRow, plan_now, state_of
from queries.seat_entries import SeatLine, seat_entries
from queries.seat_ledger import LedgerMonth, month_bounds, seat_ledger
from queries.seats import seat_holders, seat_usage
from services.console.event_words import event_word
from services.console.moments import NotUnderstood, month_after, month_before
from services.console.places import A_PAGE, a_number, a_page, an_instant, read_place
from services.console.rendering import page as render
from services.console.seat_words import seat_words
from services.console.telling import NAME
from services.console.visit import Visit

MOST_NAMES = 20
"""Names in a notice; `GET /v1/plan` has them all."""


class Told(NamedTuple):
    """An entry of the ledger and its sentence."""

    line: SeatLine
    sentence: Markup


class MonthRow(NamedTuple):
    """A month of the year, the address of its entries, and whether it is the one that is shown."""

    figures: LedgerMonth
    here: str
    is_shown: bool


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    ask, tenant, at, as_of = visit.deps.ask, visit.tenant_id, visit.at, visit.as_of
    month, this = _month(visit), visit.today.replace(day=1)
    usage = await seat_usage(ask, tenant, at=at, as_of=as_of)
    holders = await seat_holders(ask, tenant, at=at, as_of=as_of)
    plan = await plan_now(ask, tenant, as_of=as_of)
    year = await _year(visit, month)
    lines, more = a_page(visit, await _entries(visit, month))
    return render(
        visit,
        "seats.html",
        usage=usage,
        plan=plan,
        state=state_of(plan, at) if plan else None,
        refused_holders=visit.word("comma").join(_named(visit, plan)) if plan else "",
        holders=[(holder, event_word(holder.since_type, visit.lang)) for holder in holders],
        month=month,
        used=next((row.figures for row in year if row.is_shown), None),
        year=year,
        most=max((max(row.figures.peak, row.figures.limit or 0) for row in year), default=0),
        entries=[Told(line, _told(visit, line)) for line in lines],
        more=more,
        so_far=month == this,
        before=visit.here(month=f"{month_before(month):%Y-%m}", after=None),
        after=visit.here(month=f"{month_after(month):%Y-%m}", after=None) if month < this else None,
    )


async def _year(visit: Visit, month: date) -> list[MonthRow]:
    """Twelve months: those until now, or when the month that is shown is none of them, those until that one."""
    this = visit.today.replace(day=1)
    last = this if 0 <= month_span(month, this) < 12 else month
    first = date(last.year - (last.month < 12), last.month % 12 + 1, 1)
    found = await seat_ledger(
        visit.deps.ask,
        visit.tenant_id,
        first=first,
        last=last,
        time_zone=visit.company.time_zone,
        at=visit.at,
        as_of=visit.as_of,
    )
    return [
        MonthRow(one, visit.here(month=f"{one.month:%Y-%m}", after=None), one.month == month) for one in found
    ]


def month_span(first: date, last: date) -> int:
    """How many months lie from one to another."""
    return (last.year - first.year) * 12 + last.month - first.month


async def _entries(visit: Visit, month: date) -> Sequence[SeatLine]:
    """One more than a page shows, the first behind the place asked for."""
    since, until = month_bounds(month, visit.company.time_zone)
    return await seat_entries(
        visit.deps.ask,
        visit.tenant_id,
        at=visit.at,
        since=since,
        until=until,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), an_instant, a_number),
        as_of=visit.as_of,
    )


def _told(visit: Visit, line: SeatLine) -> Markup:
    sentence, parts = seat_words(line, visit.lang, visit.moment)
    named = {key: NAME.format(value) for key, value in parts.items()}
    return Markup(sentence).format_map(named)  # noqa: S704 – our own words, names escaped


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
