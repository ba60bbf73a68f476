"""Load (平準化): who has how much to do now, and will have, week by week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from queries.load import LoadRow, load
from queries.weeks import WEEK, WEEKS_TO_COME, week_end, week_of
from queries.workload import Workload, workload
from services.by_rule import by_rule
from services.console.asked import departments_of
from services.console.places import A_PAGE, a_number, a_page_of_people, an_id, read_place
from services.console.rendering import page as render
from services.console.visit import Visit

LEVELS = 4
"""Of how much somebody has in a week, as shades."""


@dataclass(slots=True)
class Person:
    """One person's rows, by department, and their sums."""

    member: str
    name: str | None
    rows: list[LoadRow] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Open steps."""
        return sum(row.open for row in self.rows)

    @property
    def overdue(self) -> int:
        """Late ones among them."""
        return sum(row.overdue for row in self.rows)

    @property
    def due_this_week(self) -> int:
        """Those due until Sunday."""
        return sum(row.due_this_week for row in self.rows)


@dataclass(frozen=True, slots=True)
class Week:
    """A week to come, from its Monday; `since` is None in the first one, which holds what is overdue too.

    `median` is None where it is not known: nobody on this page has anything then, others may.
    """

    first: date
    last: date
    since: date | None
    median: float | None


@dataclass(slots=True)
class ToCome:
    """One person's weeks to come, by their Mondays."""

    member: str
    name: str | None
    weeks: dict[date, Workload] = field(default_factory=dict)


async def page(visit: Visit) -> Response:
    """The page."""
    department = visit.text("department")
    where: dict[str, Any] = {"today": visit.today, "department": department, "as_of": visit.as_of}
    rows = await load(visit.deps.ask, visit.tenant_id, limit=A_PAGE + 1, after=_place(visit, "now"), **where)
    now, more_now = a_page_of_people(visit, rows, "now")
    people: dict[str, Person] = {}
    for row in now:
        people.setdefault(row.member, Person(row.member, row.name)).rows.append(row)
    this_week = week_of(visit.today)
    found = await workload(
        visit.deps.ask,
        visit.tenant_id,
        this_week=this_week,
        since=date.min,
        until=this_week + WEEKS_TO_COME * WEEK - timedelta(days=1),
        by_rule=by_rule(await visit.company_then(), visit.viewer),
        viewer=visit.viewer,
        limit=A_PAGE + 1,
        after=_place(visit, "after"),
        **where,
    )
    shown, more = a_page_of_people(visit, found, "after")
    return render(
        visit,
        "load.html",
        people=list(people.values()),
        most=max((person.open for person in people.values()), default=1),
        weeks=_weeks(this_week, shown, everybody=shown is found and "after" not in visit.query),
        to_come=_by_person(shown),
        shades=_shades(shown),
        more=more,
        more_now=more_now,
        department=department,
        departments=await departments_of(visit),
    )


def _place(visit: Visit, name: str) -> Any:
    return read_place(visit.text(name), a_number, an_id)


def _by_person(found: Sequence[Workload]) -> list[ToCome]:
    people: dict[str, ToCome] = {}
    for row in found:
        people.setdefault(row.member, ToCome(row.member, row.name)).weeks[row.week] = row
    return list(people.values())


def _weeks(this_week: date, found: Sequence[Workload], *, everybody: bool) -> list[Week]:
    """The weeks; the median of one in which nobody of these has anything is 0 where these are everybody."""
    medians = {row.week: row.median for row in found}
    none = 0.0 if everybody else None
    mondays = [this_week + n * WEEK for n in range(WEEKS_TO_COME)]
    return [Week(day, week_end(day), None if day == this_week else day, medians.get(day, none)) for day in mondays]


def _shades(found: Sequence[Workload]) -> Mapping[tuple[str, date], int]:
    """How dark each week of each person is: 1 to `LEVELS`, as a share of the most that any of them has in a week."""
    most = max((row.steps for row in found), default=1)
    return {(row.member, row.week): -(-row.steps * LEVELS // most) for row in found}
