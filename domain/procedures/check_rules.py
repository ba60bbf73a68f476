"""The parts of a definition that speak of each other: references, due dates, roles, conditions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from domain.ids import StepId
from domain.procedures.check_conditions import condition_problems
from domain.procedures.definition import Definition, Due, Role, Step, Unit
from domain.procedures.graph import Closure, upstream
from domain.procedures.problems import Problem, doubles, listed, place, problem, shown, text_problems

LONGEST_BASIS = 500
FARTHEST = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """What a definition's parts may refer to; `before` is every step's predecessors."""

    definition: Definition
    steps: frozenset[StepId]
    anchors: frozenset[str]
    before: Closure


def rule_problems(definition: Definition) -> Iterator[Problem]:
    """What refers to nothing, to itself, or to something that comes too late."""
    steps = frozenset(step.id for step in definition.steps)
    known = Known(definition, steps, frozenset(a.id for a in definition.anchors), upstream(definition))
    for number, step in enumerate(definition.steps):
        yield from _step(place("steps", number, step.id), step, known)
    for number, role in enumerate(definition.roles):
        yield from _role(place("roles", number, role.id), role, known)


def _step(at: str, step: Step, known: Known) -> Iterator[Problem]:
    roles = [role.id for role in known.definition.roles]
    if step.role not in roles:
        yield problem(f"{at}.role", listed(roles), shown(step.role))
    yield from doubles(f"{at}.after", step.after)
    for other in step.after:
        if other not in known.steps:
            yield problem(f"{at}.after", "a step of the procedure", shown(other))
    yield from doubles(f"{at}.not_same_actor_as", step.not_same_actor_as)
    for other in step.not_same_actor_as:
        yield from _earlier(f"{at}.not_same_actor_as", step, other, known)
    if step.due is not None:
        yield from _due(f"{at}.due", step, step.due, known)
    if step.condition is not None:
        yield from condition_problems(f"{at}.condition", step, known.definition, known.before)


def _earlier(at: str, step: Step, other: StepId, known: Known) -> Iterator[Problem]:
    """`other` is a step that `step` waits for, directly or not."""
    if other == step.id:
        yield problem(at, "another step", "the step itself")
    elif other not in known.steps:
        yield problem(at, "a step of the procedure", shown(other))
    elif other not in known.before[step.id]:
        yield problem(at, f"a step that {shown(step.id)} waits for", shown(other))


def _due(at: str, step: Step, due: Due, known: Known) -> Iterator[Problem]:
    if (due.anchor is None) == (due.after is None):
        got = "neither" if due.anchor is None else "both"
        yield problem(at, "either an anchor or a step to count from", got)
    if due.anchor is not None and due.anchor not in known.anchors:
        yield problem(f"{at}.anchor", "an anchor of the procedure", shown(due.anchor))
    if due.after is not None:
        yield from _earlier(f"{at}.after", step, due.after, known)
    yield from _offset(at, due)
    yield from text_problems(f"{at}.basis", due.basis, LONGEST_BASIS)
    if due.legal and not due.basis.strip():
        yield problem(f"{at}.basis", "the law that sets the deadline", "nothing")


def _offset(at: str, due: Due) -> Iterator[Problem]:
    if due.unit not in get_args(Unit):
        yield problem(f"{at}.unit", listed(get_args(Unit)), shown(due.unit))
        return
    least, most = (1, 31) if due.unit == "day_of_next_month" else (-FARTHEST, FARTHEST)
    if not least <= due.offset <= most:
        yield problem(f"{at}.offset", f"{least} to {most}", "a number out of that range")


def _role(at: str, role: Role, known: Known) -> Iterator[Problem]:
    if (role.rule == "same_as") != (role.step is not None):
        yield problem(f"{at}.step", "a step for the rule same_as, else none", shown(role.step or ""))
    if (role.rule == "member") != (role.member is not None):
        yield problem(f"{at}.member", "a member for the rule member, else none", shown(role.member or ""))
    if role.member is not None and not _is_uuid(role.member):
        yield problem(f"{at}.member", "the UUID of a member, in lower case", shown(role.member))
    if role.step is not None:
        yield from _same_as(f"{at}.step", role, role.step, known)


def _same_as(at: str, role: Role, done: StepId, known: Known) -> Iterator[Problem]:
    if done not in known.steps:
        yield problem(at, "a step of the procedure", shown(done))
        return
    for step in known.definition.steps:
        if step.role == role.id:
            yield from _earlier(at, step, done, known)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
