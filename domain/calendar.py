"""Business days of a calendar whose holidays are given, so that no later law changes the past."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from domain.refusals import Refusal

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
DAY = timedelta(days=1)


class DueDateUnknown(Refusal):
    """A due date that cannot be computed: beyond the calendar, or its anchor is missing."""

    code = "due_date_unknown"
    kind = "invalid"


@dataclass(frozen=True)
class Calendar:
    """Holidays of a country; `version` names the source and its edition, and is written in events."""

    version: str
    holidays: frozenset[date]

    def is_business_day(self, day: date) -> bool:
        """True on Monday to Friday, holidays excepted."""
        return day.weekday() < 5 and day not in self.holidays

    def add_business_days(self, day: date, count: int) -> date:
        """The `count`-th business day after `day` (before it when negative); `day` itself when 0.

        `day` need not be a business day: +1 is then the next one, as in 翌月1営業日 counted from 月末.
        """
        step = DAY if count > 0 else -DAY
        left = abs(count)
        while left:
            day = self._within(day + step)
            left -= self.is_business_day(day)
        return day

    def add_days(self, day: date, count: int) -> date:
        """`count` calendar days after `day`."""
        try:
            return self._within(day + timedelta(days=count))
        except OverflowError:
            raise _beyond(f"{count} days after {day}") from None

    def add_months(self, day: date, count: int) -> date:
        """The same day `count` months later, or the last day of that month (応当日, 民法143条)."""
        year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
        if not FIRST.year <= year <= LAST.year:
            raise _beyond(f"{count} months after {day}")
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def day_of_next_month(self, day: date, number: int) -> date:
        """Day `number` of the month after `day` (翌月10日 is 10), or that month's last day."""
        month = self.add_months(day.replace(day=1), 1)
        return month.replace(day=min(number, monthrange(month.year, month.month)[1]))

    def _within(self, day: date) -> date:
        if FIRST <= day <= LAST:
            return day
        raise _beyond(str(day))


def _beyond(what: str) -> DueDateUnknown:
    return DueDateUnknown(f"expected a date between {FIRST} and {LAST}, but got {what}")
