"""Rounds in turn: each side of a contest is measured once a round, so that a noisy minute hits all alike."""

import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Protocol

from bench.results import Better, Row

Figures = Mapping[str, float]
Found = dict[str, list[Figures]]


class UnavailableError(Exception):
    """A side cannot take part here; the reason is printed and its rows stay without a figure."""


class Side(Protocol):
    """One competitor, set up once and measured many times."""

    def measure(self, seconds: float) -> Figures:
        """One round: prepare what it needs outside the clock, work for about `seconds`, tell the figures.

        "rate" is per second; others go by their unit: "p50_ms", "p99_ms", "rss_mb".
        """

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A row wanted from a contest: `ours` against the best of `against` (side names), or alone."""

    name: str
    unit: str
    ours: str
    against: tuple[str, ...] = ()
    goal: float | None = None
    figure: str = "rate"
    better: Better = "higher"


@dataclass(frozen=True, slots=True)
class Contest:
    """Sides that share rounds, and the rows wanted from them; `once` for what takes many minutes: no warming up."""

    name: str
    sides: Mapping[str, Callable[[], Side]]
    wanted: tuple[Measure, ...]
    once: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure; `seconds` is per side and round."""

    rounds: int = 5
    seconds: float = 2.0
    say: Callable[[str], None] = field(default=print)


FULL, QUICK = Pace(), Pace(rounds=2, seconds=0.7)


def play(contest: Contest, pace: Pace) -> list[Row]:
    """Set the sides up, play the rounds, close the sides; the rows wanted."""
    if contest.once:
        pace = replace(pace, rounds=1)
    with ExitStack() as stack:
        found = _rounds(_ready(contest, pace, stack), pace)
    return [row for measure in contest.wanted if (row := row_of(measure, found)) is not None]


def row_of(measure: Measure, found: Found) -> Row | None:
    """One row; None when neither ours nor any reference was there."""
    ours = _series(found, measure.ours, measure.figure)
    name, theirs = _best(measure, found)
    if not ours and not theirs:
        return None
    ratios = [a / b for a, b in zip(ours, theirs, strict=False) if b]
    judged = ratios if measure.against else ours
    mine, other = _median(ours), _median(theirs)
    return Row(
        name=measure.name,
        unit=measure.unit,
        ours=mine,
        reference=other,
        reference_name=name,
        ratio=mine / other if mine is not None and other else None,
        goal=measure.goal,
        runs=max(len(ours), len(theirs)),
        spread=(min(judged), max(judged)) if judged else None,
        better=measure.better,
    )


def _ready(contest: Contest, pace: Pace, stack: ExitStack) -> dict[str, Side]:
    """The sides that can take part, each warmed up once."""
    sides: dict[str, Side] = {}
    for name, make in contest.sides.items():
        try:
            side = make()
        except UnavailableError as why:
            pace.say(f"  left out: {name}: {why}")
            continue
        sides[name] = side
        stack.callback(side.close)
        if not contest.once:
            side.measure(max(1.0, pace.seconds / 2))
    return sides


def _rounds(sides: Mapping[str, Side], pace: Pace) -> Found:
    """Every side once a round; the order turns so that none always follows the same one."""
    found: Found = {name: [] for name in sides}
    names = list(sides)
    for turn in range(pace.rounds):
        for name in _turned(names, turn):
            gc.collect()
            found[name].append(sides[name].measure(pace.seconds))
            pace.say(f"  round {turn + 1}  {name}: {_told(found[name][-1])}")
    return found


def _turned(names: Sequence[str], turn: int) -> list[str]:
    if not names:
        return []
    start = turn % len(names)
    return [*names[start:], *names[:start]]


def _told(figures: Figures) -> str:
    return "  ".join(f"{name} {figure:,.1f}" for name, figure in figures.items())


def _best(measure: Measure, found: Found) -> tuple[str | None, list[float]]:
    """The strongest reference by its median: nobody should win against a weakened one."""
    series = {name: _series(found, name, measure.figure) for name in measure.against}
    there = {name: figures for name, figures in series.items() if figures}
    if not there:
        return (measure.against[0] if measure.against else None), []
    pick = max if measure.better == "higher" else min
    name = pick(there, key=lambda each: median(there[each]))
    return name, there[name]


def _series(found: Found, side: str, figure: str) -> list[float]:
    return [figures[figure] for figures in found.get(side, []) if figure in figures]


def _median(figures: Sequence[float]) -> float | None:
    return median(figures) if figures else None
