"""What someone fills in when completing a step: form values and a checklist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from domain.ids import FieldId, is_slug
from domain.procedures.definition import Field, Step
from domain.procedures.values import Unfit, Value, canonical
from domain.refusals import MOST_PROBLEMS, InvalidInput


@dataclass(frozen=True, slots=True)
class FormValues:
    """A step's values in canonical form; the personal ones apart, for they are sealed."""

    plain: dict[FieldId, Value]
    personal: dict[FieldId, Value]


def check_values(step: Step, given: Mapping[str, object]) -> FormValues:
    """The given values in canonical form; an empty text or null counts as not given.

    InvalidInput names every unknown, missing and unfit field in `facts["problems"]`, without their values.
    """
    problems = _unknown(step, given)
    values = FormValues({}, {})
    for field in step.fields:
        try:
            value = _value(field, given.get(field.id))
        except Unfit as wrong:
            problems.append({"field": field.id, "expected": wrong.expected, "got": wrong.got})
            continue
        if value is not None:
            (values.personal if field.personal else values.plain)[field.id] = value
    _refuse_if(problems, f"expected values that fit the form of {step.id!r}")
    return values


def missing_checks(step: Step, ticked: Sequence[int]) -> tuple[str, ...]:
    """The checklist's items that are not ticked.

    `ticked` are places in the list, from 0. InvalidInput when one of them does not exist.
    """
    items = range(len(step.checklist))
    if len(ticked) > len(items):
        # Before they are looked at: a body has room for half a million.
        raise _no_such_items(step, f"{len(ticked)} items")
    places = set(ticked)
    if not places.issubset(items):
        raise _no_such_items(step, "an item that does not exist")
    return tuple(item for number, item in enumerate(step.checklist) if number not in places)


def _no_such_items(step: Step, got: str) -> InvalidInput:
    most = len(step.checklist) - 1
    expected = f"items of the checklist, 0 to {most}, each once" if most >= 0 else "none: there is no checklist"
    problem = {"field": "checks", "expected": expected, "got": got}
    return InvalidInput(f"expected items of the checklist of {step.id!r}, but got {got}", problems=[problem])


def _value(field: Field, given: object) -> Value | None:
    """The canonical value; None when it is neither given nor required."""
    value = None if given is None or given == "" else canonical(field, given)
    if value is None or value == "":
        if field.required:
            raise Unfit("a value, since it is required", "nothing")
        return None
    if field.required and value is False:
        raise Unfit("true, since it is required", "false")
    return value


def _unknown(step: Step, given: Mapping[str, object]) -> list[dict[str, str]]:
    known = {field.id: None for field in step.fields}
    if given.keys() <= known.keys():
        return []
    expected = f"one of {', '.join(known)}" if known else "no fields: the step has no form"
    # A name that is no slug may be anything, a pasted value or half a character: it is not repeated.
    return [
        {"field": name if is_slug(name) else "?", "expected": expected, "got": "an unknown field"}
        for name in islice((name for name in given if name not in known), MOST_PROBLEMS)
    ]


def _refuse_if(problems: list[dict[str, str]], sentence: str) -> None:
    if problems:
        count = len(problems) if len(problems) < MOST_PROBLEMS else f"{MOST_PROBLEMS} or more"
        raise InvalidInput(f"{sentence}, but {count} do not", problems=problems[:MOST_PROBLEMS])
