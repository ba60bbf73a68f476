"""Conditions of a definition: what is compared is known by then, and can be compared with the value."""

from collections.abc import Iterator, Mapping
from typing import get_args

from domain.ids import FieldId
from domain.procedures.definition import Condition, Definition, Field, FieldKind, Operator, Step
from domain.procedures.graph import Closure
from domain.procedures.problems import Problem, listed, problem, shown
from domain.procedures.values import Unfit, canonical

EQUAL: tuple[Operator, ...] = ("is", "is_not", "one_of")
ORDERED: tuple[Operator, ...] = (*EQUAL, "at_least", "at_most")
OPERATORS: Mapping[FieldKind, tuple[Operator, ...]] = {
    "text": EQUAL,
    "choice": EQUAL,
    "check": ("is", "is_not"),
    "number": ORDERED,
    "amount": ORDERED,
    "date": ORDERED,
}
ANCHOR = Field(FieldId("anchor"), "anchor", "date")


def condition_problems(at: str, step: Step, definition: Definition, before: Closure) -> Iterator[Problem]:
    """What is wrong with the condition of `step`; nothing when it has none."""
    condition = step.condition
    if condition is None:
        return
    if condition.operator not in get_args(Operator):
        yield problem(f"{at}.operator", listed(get_args(Operator)), shown(condition.operator))
    elif (condition.anchor is None) == (condition.field is None):
        got = "neither" if condition.anchor is None else "both"
        yield problem(at, "either a field or an anchor to compare", got)
    elif condition.anchor is not None:
        yield from _of_anchor(at, condition, definition)
    else:
        yield from _of_field(at, step, condition, definition, before)


def _of_anchor(at: str, condition: Condition, definition: Definition) -> Iterator[Problem]:
    if condition.step is not None:
        yield problem(f"{at}.step", "none, since an anchor is compared", shown(condition.step))
    if condition.anchor not in [anchor.id for anchor in definition.anchors]:
        yield problem(f"{at}.anchor", "an anchor of the procedure", shown(condition.anchor or ""))
    yield from _compared(at, condition, ANCHOR)


def _of_field(
    at: str, step: Step, condition: Condition, definition: Definition, before: Closure
) -> Iterator[Problem]:
    earlier = [s for s in definition.steps if s.id == condition.step and s.id in before[step.id] - {step.id}]
    if not earlier:
        yield problem(f"{at}.step", f"a step that {shown(step.id)} waits for", shown(condition.step or ""))
        return
    fields = [field for field in earlier[0].fields if field.id == condition.field]
    if not fields:
        yield problem(f"{at}.field", f"a field of {shown(earlier[0].id)}", shown(condition.field or ""))
    elif fields[0].personal:
        # Whether the step applies stands in the log unsealed: it would tell the value to everyone, for ever.
        yield problem(f"{at}.field", "a field that is not personal", shown(fields[0].id))
    else:
        yield from _compared(at, condition, fields[0])


def _compared(at: str, condition: Condition, field: Field) -> Iterator[Problem]:
    operators = OPERATORS.get(field.kind, ())
    if condition.operator not in operators:
        expected = listed(operators) if operators else f"no condition on a field of kind {shown(field.kind)}"
        yield problem(f"{at}.operator", expected, shown(condition.operator))
    elif condition.operator == "one_of":
        yield from _one_of(f"{at}.value", condition.value, field)
    else:
        yield from _single(f"{at}.value", condition.value, field)


def _one_of(at: str, values: object, field: Field) -> Iterator[Problem]:
    if not isinstance(values, tuple) or not values:
        yield problem(at, "a list of values", "none" if values == () else "a single value")
        return
    for number, value in enumerate(values):
        yield from _single(f"{at}.{number}", value, field)


def _single(at: str, value: object, field: Field) -> Iterator[Problem]:
    """Canonical already: `conditions.applies` compares without knowing kinds."""
    try:
        fitting = canonical(field, value)
    except Unfit as wrong:
        yield problem(at, wrong.expected, "a list" if isinstance(value, tuple) else wrong.got)
        return
    if fitting != value or fitting == "":
        yield problem(at, shown(str(fitting)) if fitting else "a value", shown(str(value)))
