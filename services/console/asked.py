"""What pages of figures are asked about: a period of whole weeks, one procedure, one department."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from queries.departments import departments
from queries.procedures_list import procedures_list
from queries.weeks import USUAL, WEEK, Weeks, week_end, weeks_until
from services.console.moments import NotUnderstood, read_day
from services.console.visit import Visit

PERIODS = (1, 4, 13, 26, 53)
"""In weeks."""
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)
MOST_PROCEDURES = 500
"""In a select."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`count` weeks until that of the day `until`, of everything that is not left out."""

    visit: Visit
    until: date
    count: int
    procedure: str | None
    department: str | None

    @property
    def weeks(self) -> Weeks:
        """The period."""
        return weeks_until(self.until, self.count)

    @property
    def last_day(self) -> date:
        """The period's last Sunday."""
        return week_end(self.until)

    @property
    def only(self) -> Mapping[str, Any]:
        """As questions name them."""
        return {"procedure": self.procedure, "department": self.department}

    def to(self, path: str, **query: object) -> str:
        """Another page about the same, as far as `query` does not say otherwise."""
        return self.visit.url(path, **{**self._kept(), **query})

    def of_week(self, monday: date, path: str, **query: object) -> str:
        """Another page about one week."""
        return self.to(path, **{"weeks": 1, "until": week_end(monday), **query})

    @property
    def before(self) -> str:
        """This page, one period earlier."""
        return self.visit.here(until=self.weeks.first - timedelta(days=1), after=None)

    @property
    def after(self) -> str | None:
        """This page, one period later; None for the present one."""
        if self.last_day >= self.visit.today:
            return None
        later = min(self.last_day + self.count * WEEK, self.visit.today)
        return self.visit.here(until=later, after=None)

    def _kept(self) -> dict[str, object]:
        period = {key: self.visit.query[key] for key in ("weeks", "until") if self.visit.query.get(key)}
        return {**period, **self.only}


def asked(visit: Visit) -> Asked:
    """What the address asks about. Raises NotUnderstood."""
    count = int(visit.choice("weeks", *map(str, PERIODS)) or USUAL)
    until = a_day_of(visit, "until") or visit.today
    return Asked(visit, until, count, visit.uuid("procedure"), visit.text("department"))


def a_day_of(visit: Visit, name: str) -> date | None:
    """A day of the address, one that can be counted from. Raises NotUnderstood."""
    day = read_day(visit.query.get(name, ""))
    if day is not None and not EARLIEST <= day <= LATEST:
        raise NotUnderstood(day.isoformat())
    return day


async def procedures_of(visit: Visit) -> Mapping[str, str]:
    """The titles of procedures that the visitor may see, by their ids, in the order of their titles."""
    found = await procedures_list(
        visit.deps.ask, visit.tenant_id, viewer=visit.viewer, limit=MOST_PROCEDURES, as_of=visit.as_of
    )
    return {row.procedure_id: row.title for row in sorted(found, key=lambda row: row.title)}


async def departments_of(visit: Visit) -> Mapping[str, str]:
    """The titles of departments that the visitor may see, by their short names."""
    found = await departments(visit.deps.ask, visit.tenant_id, viewer=visit.viewer, as_of=visit.as_of)
    return {row.department: row.title for row in found}
