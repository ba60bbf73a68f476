"""Weeks, as dashboards count them."""

from datetime import date, timedelta


def week_end(day: date) -> date:
    """The Sunday of the week that `day` is in; weeks begin on Monday (ISO 8601)."""
    return day + timedelta(days=6 - day.weekday())
