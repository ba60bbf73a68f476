"""A log that is copied happened earlier: the days and instants of its events, moved into the past."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from domain.events import Event, Meta
from domain.runs.events import RunStarted

DAYS = ("on", "due", "old", "new")
"""The fields of a run's events, and of its steps as they were planned, that can hold a day."""


class Dates:
    """All of them, as they were at first, and so many lives of the log ago."""

    def __init__(self, events: Sequence[tuple[Event, Meta]], life: timedelta) -> None:
        self._life, self._ago = life, 0
        self._days = [(of, name, day) for event, _ in events for of in _dated(event) for name, day in _days_of(of)]
        self._instants = [(meta, meta.recorded_at) for _, meta in events]

    def put_back(self, lives: int) -> None:
        """Let everything have happened so many lives before the last."""
        if lives == self._ago:
            return
        self._ago, earlier = lives, lives * self._life
        for of, name, day in self._days:
            object.__setattr__(of, name, day - earlier)
        for meta, instant in self._instants:
            meta.recorded_at = instant - earlier


def _dated(event: Event) -> Iterator[Any]:
    yield event
    if isinstance(event, RunStarted):
        yield from event.steps


def _days_of(of: Any) -> Iterator[tuple[str, date]]:
    for name in DAYS:
        day = getattr(of, name, None)
        if isinstance(day, date):
            yield name, day
