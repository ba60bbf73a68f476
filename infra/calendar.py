"""Japan's holidays, from the `holidays` library."""

from functools import cache
from importlib.metadata import version

import holidays

from domain.calendar import FIRST, LAST, Calendar


@cache
def japan() -> Calendar:
    """国民の祝日, with 振替休日 and 国民の休日, of the calendar's years; the library's end with 2099.

    Later equinoxes are the library's forecast, and laws change: hence the edition in the version.
    """
    days = holidays.country_holidays("JP", years=range(FIRST.year, LAST.year + 1))
    return Calendar(f"holidays {version('holidays')} JP", frozenset(days))
