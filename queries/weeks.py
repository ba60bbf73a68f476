"""Weeks, as dashboards count them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WEEK = timedelta(days=7)
HOUR = 3600
"""In seconds."""
USUAL = 13
"""Weeks that are looked at unless told: a quarter."""
WEEKS_TO_COME = 8
"""Weeks of work to come that are looked at unless told, this one among them."""
SOON = timedelta(days=14)
"""What is due within this is due soon, unless told."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks, both included, each named by its Monday (ISO 8601)."""

    first: date
    last: date

    @property
    def parameters(self) -> dict[str, Any]:
        """As questions name them."""
        return {"first_week": self.first, "last_week": self.last}


def week_of(day: date) -> date:
    """The Monday of the week that `day` is in."""
    return day - timedelta(days=day.weekday())


def weeks_until(day: date, count: int = USUAL) -> Weeks:
    """The week of `day` and those before it, `count` in all."""
    last = week_of(day)
    return Weeks(last - (count - 1) * WEEK, last)


def week_end(day: date) -> date:
    """The Sunday of the week that `day` is in; weeks begin on Monday (ISO 8601)."""
    return day + timedelta(days=6 - day.weekday())
