"""Whether a definition makes sense as a whole. Every problem is reported, not only the first."""

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import get_args

from domain.procedures.check_rules import rule_problems
from domain.procedures.definition import Anchor, AssignmentRule, Definition, Field, FieldKind, Role, Step
from domain.procedures.graph import cycles
from domain.procedures.problems import (
    Problem,
    count_problems,
    doubles,
    id_problems,
    listed,
    place,
    problem,
    shown,
    text_problems,
    title_problems,
)
from domain.refusals import MOST_PROBLEMS, Refusal

MOST_STEPS, MOST_ROLES, MOST_ANCHORS, MOST_FIELDS, MOST_ITEMS = 200, 50, 20, 50, 100
LONGEST_TITLE, LONGEST_INSTRUCTIONS = 200, 20_000
DOCUMENT_KINDS: Mapping[str, tuple[FieldKind, ...]] = {
    "date": ("date",),
    "amount": ("amount",),
    "counterparty": ("text", "choice"),
}
"""Of which kind a field may be that tells something of a document."""


class DefinitionInvalid(Refusal):
    """A procedure that could not be carried out as written; `facts["problems"]` names each reason."""

    code = "definition_invalid"
    kind = "invalid"


def check(definition: Definition) -> None:
    """Refuse a definition that makes no sense: DefinitionInvalid with up to 100 problems."""
    # What is far too large is not looked into: the work grows with the square of the steps.
    problems = list(_sizes(definition)) or list(islice(_problems(definition), MOST_PROBLEMS))
    if not problems:
        return
    first, more = problems[0], len(problems) - 1
    raise DefinitionInvalid(
        f"expected {first['expected']} at {first['at']}, but got {first['got']}"
        + (f", and {more} more problems" if more else ""),
        problems=problems,
    )


def _sizes(definition: Definition) -> Iterator[Problem]:
    yield from count_problems("steps", definition.steps, 1, MOST_STEPS)
    yield from count_problems("roles", definition.roles, 1, MOST_ROLES)
    yield from count_problems("anchors", definition.anchors, 0, MOST_ANCHORS)
    for number, step in enumerate(definition.steps):
        at = place("steps", number, step.id)
        yield from count_problems(f"{at}.fields", step.fields, 0, MOST_FIELDS)
        yield from count_problems(f"{at}.checklist", step.checklist, 0, MOST_ITEMS)
        yield from count_problems(f"{at}.after", step.after, 0, MOST_STEPS)
        yield from count_problems(f"{at}.not_same_actor_as", step.not_same_actor_as, 0, MOST_STEPS)


def _problems(definition: Definition) -> Iterator[Problem]:
    yield from title_problems("title", definition.title, LONGEST_TITLE)
    yield from text_problems("summary", definition.summary, LONGEST_INSTRUCTIONS)
    yield from id_problems("department", definition.department)
    yield from _anchors(definition.anchors)
    yield from _roles(definition.roles)
    yield from doubles("steps", (step.id for step in definition.steps))
    for number, step in enumerate(definition.steps):
        yield from _step(place("steps", number, step.id), step)
    for cycle in cycles(definition):
        yield problem(f"steps.{cycle[0]}.after", "no step that waits for itself", " → ".join(cycle))
    yield from rule_problems(definition)


def _anchors(anchors: tuple[Anchor, ...]) -> Iterator[Problem]:
    yield from doubles("anchors", (anchor.id for anchor in anchors))
    for number, anchor in enumerate(anchors):
        at = place("anchors", number, anchor.id)
        yield from id_problems(f"{at}.id", anchor.id)
        yield from title_problems(f"{at}.title", anchor.title, LONGEST_TITLE)


def _roles(roles: tuple[Role, ...]) -> Iterator[Problem]:
    yield from doubles("roles", (role.id for role in roles))
    for number, role in enumerate(roles):
        at = place("roles", number, role.id)
        yield from id_problems(f"{at}.id", role.id)
        yield from title_problems(f"{at}.title", role.title, LONGEST_TITLE)
        if role.rule not in get_args(AssignmentRule):
            yield problem(f"{at}.rule", listed(get_args(AssignmentRule)), shown(role.rule))


def _step(at: str, step: Step) -> Iterator[Problem]:
    yield from id_problems(f"{at}.id", step.id)
    yield from title_problems(f"{at}.title", step.title, LONGEST_TITLE)
    yield from text_problems(f"{at}.instructions", step.instructions, LONGEST_INSTRUCTIONS)
    yield from text_problems(f"{at}.outside", step.outside, LONGEST_TITLE)
    yield from doubles(f"{at}.checklist", step.checklist)
    for number, item in enumerate(step.checklist):
        yield from title_problems(f"{at}.checklist.{number}", item, LONGEST_TITLE)
    if step.approval and (step.fields or step.checklist):
        yield problem(at, "no form and no checklist on an approval: nobody would fill them in", "some")
    yield from doubles(f"{at}.fields", (field.id for field in step.fields))
    yield from doubles(f"{at}.fields", (field.document for field in step.fields if field.document))
    yield from chain.from_iterable(
        _field(place(f"{at}.fields", number, field.id), field) for number, field in enumerate(step.fields)
    )


def _field(at: str, field: Field) -> Iterator[Problem]:
    yield from id_problems(f"{at}.id", field.id)
    yield from title_problems(f"{at}.title", field.title, LONGEST_TITLE)
    if field.kind not in get_args(FieldKind):
        yield problem(f"{at}.kind", listed(get_args(FieldKind)), shown(field.kind))
    if field.kind == "choice":
        yield from count_problems(f"{at}.choices", field.choices, 1, MOST_ITEMS)
    elif field.choices:
        yield problem(f"{at}.choices", "none, since only a choice has them", str(len(field.choices)))
    yield from _document(f"{at}.document", field)
    yield from doubles(f"{at}.choices", field.choices)
    for number, choice in enumerate(field.choices):
        yield from title_problems(f"{at}.choices.{number}", choice, LONGEST_TITLE)


def _document(at: str, field: Field) -> Iterator[Problem]:
    """A document is found by what it says, so nothing of that is sealed."""
    if field.document is None:
        return
    if field.document not in DOCUMENT_KINDS:
        yield problem(at, listed(DOCUMENT_KINDS), shown(field.document))
        return
    if field.kind not in DOCUMENT_KINDS[field.document]:
        yield problem(at, f"a field of the kind {' or '.join(DOCUMENT_KINDS[field.document])}", shown(field.kind))
    if field.personal:
        yield problem(at, "a field that is not personal, since documents are found by it", "a personal one")
