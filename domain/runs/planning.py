"""A run's dates before anything is done: its anchors, and which steps are due when."""

from collections.abc import Mapping
from datetime import date
from itertools import islice

from domain.calendar import FIRST, LAST
from domain.ids import AnchorId, is_slug
from domain.procedures.due import due_date
from domain.refusals import MOST_PROBLEMS, InvalidInput
from domain.runs import events as e
from domain.runs.flow import Setting


def plan(setting: Setting, anchors: Mapping[AnchorId, date]) -> tuple[e.PlannedStep, ...]:
    """The steps, with the dates that can be counted at the start. Raises DueDateUnknown."""
    return tuple(
        e.PlannedStep(
            step.id,
            step.title,
            step.role,
            due_date(step.due, anchors, {}, setting.calendar) if step.due else None,
            bool(step.due and step.due.legal),
            step.approval,
        )
        for step in setting.definition.steps
    )


def check_anchors(setting: Setting, anchors: Mapping[AnchorId, date]) -> None:
    """Every anchor of the procedure has a date, and nothing else has. Raises InvalidInput."""
    known = {anchor.id: None for anchor in setting.definition.anchors}
    problems = [{"field": f"anchors.{a}", "expected": "a date", "got": "none"} for a in known if a not in anchors]
    expected = f"one of {', '.join(known)}" if known else "none: the procedure has no anchors"
    # A name that is no slug may be anything: it is not repeated.
    problems += [
        {"field": f"anchors.{a if is_slug(a) else '?'}", "expected": expected, "got": "an unknown anchor"}
        for a in islice((a for a in anchors if a not in known), MOST_PROBLEMS - len(problems))
    ]
    if problems:
        raise InvalidInput("expected a date for each anchor of the procedure, but got others", problems=problems)
    for anchor, day in anchors.items():
        check_day(f"anchors.{anchor}", day)


def check_day(field: str, day: date) -> None:
    """A day that the calendar knows. Raises InvalidInput."""
    if not FIRST <= day <= LAST:
        raise InvalidInput(f"expected a date from {FIRST} to {LAST} for {field!r}, but got {day}", field=field)
