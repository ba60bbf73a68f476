"""Levelling (平準化): a manager gives some open steps to others, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.duties.handing_over import NOTHING, Decided, by_run, check_receiver
from domain.duties.held import OpenStep, World
from domain.ids import MemberId, RunId, StepId
from domain.reasons import need_reason
from domain.refusals import MOST_PROBLEMS, InvalidInput, NotFound, Refusal

MOST_MOVES = 5_000


@dataclass(frozen=True, slots=True)
class Move:
    """An open step, and who is to do it."""

    run: RunId
    step: StepId
    to: MemberId


class CannotMove(Refusal):
    """Some of the steps cannot be given to whom was named; `facts["problems"]` says which and why."""

    code = "cannot_move"


def move(world: World, moves: Sequence[Move], reason: str | None) -> Decided:
    """Give these steps to those people, with a reason. Steps that are theirs already are left out."""
    need_reason(reason, "move steps")
    if not 1 <= len(moves) <= MOST_MOVES or len({(m.run, m.step) for m in moves}) != len(moves):
        raise InvalidInput(f"expected 1 to {MOST_MOVES} steps, each once, but got others", field="moves")
    for receiver in dict.fromkeys(one.to for one in moves):
        check_receiver(world.tenant, receiver)
    given: list[tuple[OpenStep, MemberId]] = []
    problems: list[dict[str, str]] = []
    for one in moves:
        step, why = reassignable_of(world, one)
        if step is None or step.bars(one.to):
            problems.append({"run": one.run, "step": one.step, "why": why or "same_actor"})
        elif step.assignee != one.to:
            given.append((step, one.to))
    if problems:
        sentence = f"expected ready steps that may be given to those named, but {len(problems)} may not"
        raise CannotMove(sentence, problems=problems[:MOST_PROBLEMS])
    return Decided(by_run(given)) if given else NOTHING


def reassignable_of(world: World, one: Move) -> tuple[OpenStep | None, str]:
    """The step when it can change hands; or else why not."""
    case = world.cases.get(one.run)
    if case is None:
        raise NotFound("expected a run of the company, but there is none of that id")
    state = case.run.steps.get(one.step)
    if state is None:
        raise NotFound(f"expected a step of the run, but it has no {one.step!r}")
    if not case.run.is_open:
        return None, "run_closed"
    if state.status != "ready":
        return None, state.status
    return OpenStep(case, case.definition.step(one.step), state.assignee), ""
