"""What each event changed, and what two moments differ in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from domain.procedures import state as procedures
from domain.replay import facts as f
from domain.replay.facts import Facts, Value
from domain.runs import state as runs
from domain.tenants import folding

Kind = Literal["tenant", "procedure", "run"]


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that became another; None stands for there being none."""

    name: str
    old: Value | None
    new: Value | None


def walk(kind: Kind, events: Iterable[Any]) -> Iterator[tuple[Facts, list[Change]]]:
    """For each event of a stream the facts after it, and what it changed."""
    before: Facts = {}
    state: Any = None
    for event in events:
        state = _fold(kind, [event], state)
        after = _facts(kind, state)
        yield after, changed(before, after)
        before = after


def changed(before: Facts, after: Facts) -> list[Change]:
    """The facts that differ, by name."""
    names = sorted(before.keys() | after.keys())
    return [Change(n, before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)]


def facts_of(kind: Kind, events: Iterable[Any]) -> Facts:
    """The facts after these events; none before the first."""
    listed = list(events)
    return _facts(kind, _fold(kind, listed, None)) if listed else {}


def _fold(kind: Kind, events: list[Any], state: Any) -> Any:
    if kind == "run":
        return runs.fold(events, state)
    return procedures.fold(events, state) if kind == "procedure" else folding.fold(events, state)


def _facts(kind: Kind, state: Any) -> Facts:
    if kind == "run":
        return f.of_run(state)
    return f.of_procedure(state) if kind == "procedure" else f.of_company(state)
