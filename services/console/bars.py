"""Bars as SVG shapes: how far a run is, step by step; widths need no style attribute that way."""

from collections.abc import Iterator
from typing import NamedTuple

MOST_STEPS = 60
GAP = 0.006
"""Of the whole bar's width."""


class Part(NamedTuple):
    """A piece of a bar: where it begins, how wide it is, in units of one step, and what it stands for."""

    x: float
    width: float
    kind: str


def step_bar(total: int, done: int, skipped: int, ready: int) -> list[Part]:
    """A piece for each step, done ones first; a few long pieces when there are very many."""
    waiting = max(total - done - skipped - ready, 0)
    counts = {"done": done, "skipped": skipped, "ready": ready, "waiting": waiting}
    return list(_each(counts) if total <= MOST_STEPS else _whole(counts))


def _each(counts: dict[str, int]) -> Iterator[Part]:
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    for place, kind in enumerate(kinds):
        is_last = place == len(kinds) - 1
        yield Part(place, 1 if is_last else round(1 - GAP * len(kinds), 3), kind)


def _whole(counts: dict[str, int]) -> Iterator[Part]:
    x = 0
    for kind, count in counts.items():
        if count:
            yield Part(x, count, kind)
        x += count
