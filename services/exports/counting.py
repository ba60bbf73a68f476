"""What the report and export.json say of the events: how many of each type, month and actor."""

from collections import Counter
from collections.abc import Sequence

from domain.events import Event, Meta


class Counting:
    """Counts, as far as events were seen."""

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.months: Counter[str] = Counter()
        self.actors: Counter[str | None] = Counter()
        self.refusals = self.reasons = self.late = 0

    def __call__(self, pairs: Sequence[tuple[Event, Meta]]) -> None:
        """Count some events. Late are those that were recorded on another day than they are said to have happened."""
        for _, meta in pairs:
            self.types[meta.type] += 1
            self.months[meta.recorded_at.isoformat()[:7]] += 1
            self.actors[meta.actor] += 1
            self.reasons += meta.reason is not None
            self.late += meta.occurred_at is not None and meta.occurred_at.date() != meta.recorded_at.date()
        self.refusals = self.types["command.refused"]
