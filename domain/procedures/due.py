"""When a step is due: counted from an anchor, or from the day another step was done, or skipped."""

from collections.abc import Callable, Mapping
from datetime import date

from domain.calendar import Calendar, DueDateUnknown
from domain.ids import AnchorId, StepId
from domain.procedures.definition import Due, Unit

COUNT: Mapping[Unit, Callable[[Calendar, date, int], date]] = {
    "days": Calendar.add_days,
    "business_days": Calendar.add_business_days,
    "months": Calendar.add_months,
    "day_of_next_month": Calendar.day_of_next_month,
}


def due_date(
    due: Due, anchors: Mapping[AnchorId, date], closed_on: Mapping[StepId, date], calendar: Calendar
) -> date | None:
    """The date `due.offset` units from where it counts; None while the step it counts from is open.

    A step that is skipped counts as well, from that day: a deadline does not vanish with what it was counted from.
    Days, months and 翌月n日 are not moved off weekends and holidays: the nominal date is never the later one.
    DueDateUnknown when the anchor has no date, or the result lies beyond the calendar.
    """
    start = _start(due, anchors, closed_on)
    return None if start is None else COUNT[due.unit](calendar, start, due.offset)


def _start(due: Due, anchors: Mapping[AnchorId, date], closed_on: Mapping[StepId, date]) -> date | None:
    if due.after is not None:
        return closed_on.get(due.after)
    if due.anchor is None or due.anchor not in anchors:
        raise DueDateUnknown(f"expected a date for the anchor {due.anchor!r}, but it has none")
    return anchors[due.anchor]
