"""Due (期限): open steps that are overdue or due soon, deadlines set by law first."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from starlette.responses import Response

from queries.due_counts import DueCount, due_counts
from queries.due_steps import due_steps
from queries.weeks import SOON
from services.by_rule import by_rule, holidays_around
from services.console.asked import Asked, a_day_of, asked, departments_of, procedures_of
from services.console.places import A_PAGE, a_day, a_flag, a_name, a_page, an_id, read_place
from services.console.rendering import page as render
from services.console.visit import Visit


class Counts(NamedTuple):
    """Steps of all procedures: those that a law sets a deadline for, and all."""

    legal_overdue: int
    legal_soon: int
    overdue: int
    soon: int


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    what, member = asked(visit), visit.uuid("member")
    since, until = a_day_of(visit, "since") or date.min, a_day_of(visit, "to") or visit.today + SOON
    where: dict[str, Any] = {"today": visit.today, **what.only, "viewer": visit.viewer, "as_of": visit.as_of}
    found = await due_steps(
        visit.deps.ask,
        visit.tenant_id,
        since=since,
        until=until,
        by_rule=by_rule(await visit.company_then(), visit.viewer),
        holidays=holidays_around(visit.today),
        member=member,
        legal=True if visit.choice("legal", "1") else None,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_flag, a_day, an_id, a_name),
        **where,
    )
    horizon = max(until, visit.today)
    counts = await due_counts(visit.deps.ask, visit.tenant_id, since=date.min, until=horizon, **where)
    shown, more = a_page(visit, found)
    return render(
        visit,
        "due.html",
        asked=what,
        counts=counts,
        sums=_sums(counts),
        rows=shown,
        more=more,
        until=until,
        since=None if since == date.min else since,
        links=_links(visit, what, horizon),
        member=member,
        name=next((row.member_name for row in shown if row.member == member), None),
        departments=await departments_of(visit),
        titles=await procedures_of(visit),
    )


def _sums(counts: Sequence[DueCount]) -> Counts:
    return Counts(
        sum(row.legal_overdue for row in counts),
        sum(row.legal_soon for row in counts),
        sum(row.overdue for row in counts),
        sum(row.soon for row in counts),
    )


def _links(visit: Visit, what: Asked, horizon: date) -> dict[str, dict[str, object]]:
    """What the address of each number says beside its procedure and department."""
    over: dict[str, object] = {**what.only, "to": visit.today - timedelta(days=1)}
    soon: dict[str, object] = {**what.only, "since": visit.today, "to": horizon}
    return {
        "legal_overdue": {**over, "legal": 1},
        "legal_soon": {**soon, "legal": 1},
        "overdue": over,
        "soon": soon,
    }
