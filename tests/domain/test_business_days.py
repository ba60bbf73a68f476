"""Business days on Japan's real calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar import LAST, Calendar, DueDateUnknown
from infra.calendar import japan

DAYS = st.dates(date(1995, 1, 1), date(2095, 12, 31))
COUNTS = st.integers(1, 300)


def test_a_day_of_golden_week_is_no_business_day() -> None:
    assert not japan().is_business_day(date(2026, 4, 29))


def test_the_substitute_for_a_holiday_on_sunday_is_no_business_day() -> None:
    assert not japan().is_business_day(date(2026, 5, 6))


def test_a_weekday_between_two_holidays_is_no_business_day() -> None:
    assert not japan().is_business_day(date(2026, 9, 22))


def test_a_holiday_moved_for_the_olympics_is_where_it_was_moved() -> None:
    assert not japan().is_business_day(date(2021, 7, 22))
    assert japan().is_business_day(date(2021, 7, 19))


def test_the_accession_made_ten_days_of_holidays() -> None:
    assert japan().add_business_days(date(2019, 4, 26), 1) == date(2019, 5, 7)


def test_saturday_is_no_business_day() -> None:
    assert not japan().is_business_day(date(2026, 4, 25))


def test_new_year_is_a_holiday_on_its_first_day_only() -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    assert [japan().is_business_day(day) for day in days] == [True, False, True]


def test_the_first_business_day_after_month_end_skips_golden_week() -> None:
    assert japan().add_business_days(date(2026, 5, 1), 1) == date(2026, 5, 7)


def test_counting_back_skips_holidays_too() -> None:
    assert japan().add_business_days(date(2026, 5, 7), -2) == date(2026, 4, 30)


def test_no_business_days_away_is_the_day_itself_even_on_a_holiday() -> None:
    assert japan().add_business_days(date(2026, 5, 3), 0) == date(2026, 5, 3)


def test_one_month_after_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert japan().add_months(date(2026, 3, 31), 1) == date(2026, 4, 30)


def test_the_tenth_of_the_next_month_in_december_is_in_january() -> None:
    assert japan().day_of_next_month(date(2026, 12, 31), 10) == date(2027, 1, 10)


def test_the_31st_of_a_shorter_next_month_is_its_last_day() -> None:
    assert japan().day_of_next_month(date(2026, 1, 15), 31) == date(2026, 2, 28)


def test_beyond_the_calendar_no_date_is_invented() -> None:
    with pytest.raises(DueDateUnknown):
        japan().add_business_days(LAST, 1)


def test_the_calendar_names_its_edition() -> None:
    assert japan().version.startswith("holidays ")


@given(DAYS, COUNTS)
def test_from_a_business_day_there_and_back_is_the_same_day(day: date, count: int) -> None:
    assume(japan().is_business_day(day))
    assert japan().add_business_days(japan().add_business_days(day, count), -count) == day


@given(DAYS, COUNTS)
def test_a_business_day_is_reached_by_as_many_business_days(day: date, count: int) -> None:
    end = japan().add_business_days(day, count)
    passed = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert sum(japan().is_business_day(d) for d in passed) == count


@given(DAYS, COUNTS)
def test_more_business_days_end_later(day: date, count: int) -> None:
    assert japan().add_business_days(day, count) < japan().add_business_days(day, count + 1)


@given(DAYS, st.integers(-200, 200).filter(bool))
def test_without_holidays_five_business_days_are_a_week(day: date, weeks: int) -> None:
    assume(day.weekday() < 5)
    assert Calendar("none", frozenset()).add_business_days(day, 5 * weeks) == day + timedelta(weeks=weeks)
