"""When a step is due."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar, DueDateUnknown
from domain.ids import AnchorId, StepId
from domain.procedures.definition import Due, Unit
from domain.procedures.due import due_date
from infra.calendar import japan

JOINING, COLLECT = AnchorId("joining"), StepId("collect")
FRIDAY_BEFORE_GOLDEN_WEEK = date(2026, 5, 1)


def due_on(due: Due, anchor: date = FRIDAY_BEFORE_GOLDEN_WEEK, done: date | None = None) -> date | None:
    return due_date(due, {JOINING: anchor}, {COLLECT: done} if done else {}, japan())


def test_days_before_an_anchor_are_calendar_days() -> None:
    assert due_on(Due(-30, anchor=JOINING)) == date(2026, 4, 1)


def test_a_date_counted_in_days_stays_on_a_holiday() -> None:
    assert due_on(Due(5, anchor=JOINING, legal=True, basis="law")) == date(2026, 5, 6)


def test_business_days_skip_holidays() -> None:
    assert due_on(Due(3, "business_days", anchor=JOINING)) == date(2026, 5, 11)


def test_a_month_after_an_anchor_is_the_same_day() -> None:
    assert due_on(Due(1, "months", anchor=JOINING)) == date(2026, 6, 1)


def test_the_tenth_of_the_next_month() -> None:
    assert due_on(Due(10, "day_of_next_month", anchor=JOINING)) == date(2026, 6, 10)


def test_a_step_due_after_another_counts_from_the_day_that_was_done() -> None:
    assert due_on(Due(1, "business_days", after=COLLECT), done=date(2026, 5, 8)) == date(2026, 5, 11)


def test_a_step_due_after_another_has_no_date_until_that_is_done() -> None:
    assert due_on(Due(1, "business_days", after=COLLECT)) is None


def test_an_anchor_without_a_date_is_refused() -> None:
    with pytest.raises(DueDateUnknown, match="'joining'"):
        due_date(Due(1, anchor=JOINING), {}, {}, japan())


def test_a_date_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(DueDateUnknown):
        due_on(Due(1, "months", anchor=JOINING), anchor=date(2100, 12, 31))


UNITS: list[Unit] = ["days", "business_days", "months"]


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(-1000, 1000), st.sampled_from(UNITS))
def test_every_date_lies_on_the_side_its_offset_says_or_is_refused(
    day: date, offset: int, unit: Unit
) -> None:
    calendar = Calendar("none", frozenset())
    try:
        due = due_date(Due(offset, unit, anchor=JOINING), {JOINING: day}, {}, calendar)
    except DueDateUnknown:
        return
    assert due is not None
    assert (due > day, due < day) == (offset > 0, offset < 0)
