"""Whether a step applies."""

from datetime import date

import pytest

from domain.ids import AnchorId, FieldId, StepId
from domain.procedures.conditions import Expected, applies
from domain.procedures.definition import Condition, Operator
from domain.procedures.values import Value

REQUEST, AMOUNT, JOINING = StepId("request"), FieldId("amount"), AnchorId("joining")


def compare(value: Value, operator: Operator, expected: Expected) -> bool:
    return applies(Condition(operator, expected, step=REQUEST, field=AMOUNT), {REQUEST: {AMOUNT: value}}, {})


@pytest.mark.parametrize(
    ("value", "operator", "expected"),
    [
        ("中途", "is", "中途"),
        ("新卒", "is_not", "中途"),
        ("新卒", "one_of", ("新卒", "中途")),
        (True, "is", True),
        (False, "is_not", True),
        ("100000", "at_least", "100000"),
        ("1000000", "at_least", "999999.9999"),
        ("-5", "at_most", "-4.5"),
        ("2026-04-01", "at_most", "2026-12-31"),
        ("2026-12-31", "at_least", "2026-04-01"),
    ],
)
def test_it_applies(value: Value, operator: Operator, expected: Expected) -> None:
    assert compare(value, operator, expected)


@pytest.mark.parametrize(
    ("value", "operator", "expected"),
    [
        ("新卒", "is", "中途"),
        ("中途", "is_not", "中途"),
        ("派遣", "one_of", ("新卒", "中途")),
        (False, "is", True),
        ("99999.9999", "at_least", "100000"),
        ("9", "at_least", "10"),
        ("10", "at_most", "9"),
        ("2026-12-31", "at_most", "2026-04-01"),
    ],
)
def test_it_does_not_apply(value: Value, operator: Operator, expected: Expected) -> None:
    assert not compare(value, operator, expected)


@pytest.mark.parametrize("operator", ["is", "is_not", "at_least", "at_most", "one_of"])
def test_a_missing_value_satisfies_nothing(operator: Operator) -> None:
    assert not applies(Condition(operator, "1", step=REQUEST, field=AMOUNT), {}, {})


@pytest.mark.parametrize("operator", ["is", "is_not", "at_least", "at_most"])
def test_a_missing_anchor_satisfies_nothing(operator: Operator) -> None:
    assert not applies(Condition(operator, "2026-04-01", anchor=JOINING), {}, {})


def test_an_anchor_compares_as_a_date() -> None:
    condition = Condition("at_least", "2026-04-01", anchor=JOINING)
    assert applies(condition, {}, {JOINING: date(2026, 10, 1)})


@pytest.mark.parametrize("value", ["2026-04-01", "2026-99-99", "twelve", True])
def test_what_has_no_order_with_a_number_does_not_apply(value: Value) -> None:
    assert not compare(value, "at_least", "1")


def test_what_compares_with_nothing_does_not_apply() -> None:
    assert not applies(Condition("is_not", "1"), {REQUEST: {AMOUNT: "2"}}, {})
