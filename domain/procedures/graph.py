"""What waits for what in a procedure. Works on drafts too: unknown steps are left out, cycles do no harm."""

from collections.abc import Mapping

from domain.ids import StepId
from domain.procedures.definition import Definition

Edges = Mapping[StepId, tuple[StepId, ...]]
Closure = Mapping[StepId, frozenset[StepId]]


def upstream(definition: Definition) -> Closure:
    """Each step's predecessors, direct and indirect; a step on a cycle is among its own."""
    edges = _edges(definition)
    return {step: _reached(step, edges) for step in edges}


def downstream(definition: Definition) -> Closure:
    """Each step's successors, direct and indirect: those that have it upstream."""
    before = upstream(definition)
    return {step: frozenset(s for s, earlier in before.items() if step in earlier) for step in before}


def cycles(definition: Definition) -> list[tuple[StepId, ...]]:
    """Cycles of steps that wait for each other, as `(a, b, a)`: a waits for b, which waits for a.

    One for each knot of cycles that share steps: the shortest through its first step.
    """
    edges = _edges(definition)
    found: list[tuple[StepId, ...]] = []
    seen: set[StepId] = set()
    for step in edges:
        if step not in seen and (cycle := _shortest_back(step, edges)):
            found.append(cycle)
            seen.update(_reached(step, edges))
    return found


def _edges(definition: Definition) -> Edges:
    known = {step.id for step in definition.steps}
    return {step.id: tuple(s for s in step.after if s in known) for step in definition.steps}


def _reached(start: StepId, edges: Edges) -> frozenset[StepId]:
    found: set[StepId] = set()
    waiting = [start]
    while waiting:
        new = set(edges[waiting.pop()]) - found
        found |= new
        waiting += new
    return frozenset(found)


def _shortest_back(start: StepId, edges: Edges) -> tuple[StepId, ...]:
    """The shortest way from `start` to itself; () when there is none."""
    came_from: dict[StepId, StepId] = {}
    waiting = [start]
    for step in waiting:
        for before in edges[step]:
            if before == start:
                return _way(start, step, came_from)
            if before not in came_from:
                came_from[before] = step
                waiting.append(before)
    return ()


def _way(start: StepId, end: StepId, came_from: Mapping[StepId, StepId]) -> tuple[StepId, ...]:
    way = [start]
    while end != start:
        way.insert(0, end)
        end = came_from[end]
    return (start, *way)
