"""When people of a Japanese office work: hours, business days, and the days that procedures count from."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

from domain.calendar import Calendar

JAPAN = timezone(timedelta(hours=9), "JST")
OPENS, LUNCH, CLOSES = 9 * 60, (12 * 60, 13 * 60), 18 * 60
LATE_EVENINGS = 0.04
"""How many of the moments of a day lie in overtime."""


class Hours:
    """Moments when someone is at work. All instants are UTC; days are those of Japan."""

    def __init__(self, calendar: Calendar, start: date, end: date, chance: Random) -> None:
        span = (end - start).days + 800
        first = start - timedelta(days=400)
        days = (first + timedelta(days=n) for n in range(span))
        self._days = [day for day in days if calendar.is_business_day(day)]
        self._chance = chance

    def today(self, at: datetime) -> date:
        """The day it is in Japan."""
        return at.astimezone(JAPAN).date()

    def business_day(self, day: date, plus: int = 0) -> date:
        """The business day `plus` after `day`; the next one from a holiday. Clamped to the days known."""
        place = bisect_left(self._days, day) + plus
        return self._days[max(0, min(place, len(self._days) - 1))]

    def before(self, day: date) -> date:
        """The last business day up to `day`."""
        return self._days[bisect_right(self._days, day) - 1]

    def between(self, first: date, last: date) -> list[date]:
        """The business days from `first` to `last`, both included."""
        return self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def on(self, day: date) -> datetime:
        """Some moment of a day's working hours; a few are in the evening."""
        if self._chance.random() < LATE_EVENINGS:
            return self._moment(day, CLOSES + self._chance.randrange(150))
        minute = OPENS + self._chance.randrange(8 * 60)
        return self._moment(day, minute if minute < LUNCH[0] else minute + 60)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """About that time of a day: within the minute."""
        return self._moment(day, hour * 60 + minute)

    def soon(self, at: datetime, minutes: int) -> datetime:
        """About `minutes` later, when that is within hours; else on the next business day."""
        later = at.astimezone(JAPAN) + timedelta(minutes=1 + self._chance.random() * 2 * minutes)
        minute = later.hour * 60 + later.minute
        if self.business_day(later.date()) == later.date() and OPENS <= minute < CLOSES:
            return later.astimezone(UTC)
        next_day = later.date() + timedelta(days=minute >= OPENS)
        return self._moment(self.business_day(next_day), OPENS + self._chance.randrange(120))

    def _moment(self, day: date, minute: int) -> datetime:
        midnight = datetime.combine(day, time(), JAPAN)
        moment = midnight + timedelta(minutes=minute, microseconds=self._chance.randrange(60_000_000))
        return moment.astimezone(UTC)


def month_ends(start: date, end: date) -> Iterator[date]:
    """The last days of the months from `start`'s to `end`'s."""
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        yield date(year, month, monthrange(year, month)[1])
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def month_end_after(day: date, months: int) -> date:
    """The last day of the month that is `months` after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])
