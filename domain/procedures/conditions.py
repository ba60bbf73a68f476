"""Whether a step applies: a form value or an anchor, compared with what the procedure says."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from domain.ids import AnchorId, FieldId, StepId
from domain.procedures.definition import Condition, Operator
from domain.procedures.values import DECIMAL, ISO_DATE, Value

Expected = str | bool | tuple[str, ...]


def applies(
    condition: Condition,
    values: Mapping[StepId, Mapping[FieldId, Value]],
    anchors: Mapping[AnchorId, date],
) -> bool:
    """True when the condition holds; a missing value never satisfies one, whatever the operator.

    Kinds need no looking up: values are canonical and `checks.py` has the condition's value canonical too, so
    equal is equal text, and a date and a decimal cannot be mistaken for one another.
    """
    value = _value(condition, values, anchors)
    return value is not None and COMPARE[condition.operator](value, condition.value)


def _value(
    condition: Condition,
    values: Mapping[StepId, Mapping[FieldId, Value]],
    anchors: Mapping[AnchorId, date],
) -> Value | None:
    if condition.anchor is not None:
        day = anchors.get(condition.anchor)
        return day.isoformat() if day else None
    if condition.step is None or condition.field is None:
        return None
    return values.get(condition.step, {}).get(condition.field)


def _at_least(value: Value, bound: Expected) -> bool:
    a, b = _ordered(value), _ordered(bound)
    if isinstance(a, date) and isinstance(b, date):
        return a >= b
    return isinstance(a, Decimal) and isinstance(b, Decimal) and a >= b


def _at_most(value: Value, bound: Expected) -> bool:
    return isinstance(bound, str) and _at_least(bound, value)


def _ordered(value: Expected) -> date | Decimal | None:
    """What the value is on a scale; None when it is on none."""
    if not isinstance(value, str):
        return None
    if DECIMAL.fullmatch(value):
        return Decimal(value)
    return _day(value) if ISO_DATE.fullmatch(value) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


COMPARE: Mapping[Operator, Callable[[Value, Expected], bool]] = {
    "is": lambda value, expected: value == expected,
    "is_not": lambda value, expected: value != expected,
    "at_least": _at_least,
    "at_most": _at_most,
    "one_of": lambda value, expected: isinstance(expected, tuple) and value in expected,
}
