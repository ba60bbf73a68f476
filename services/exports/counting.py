"""What the report and export.json say of the events: how many of each type, month and actor."""

from collections import Counter
from collections.abc import Sequence

from domain.events import Event, Meta
from infra.read_store.folding import Stored


class Counting:
    """Counts, as far as events were seen."""

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.months: Counter[str] = Counter()
        self.actors: Counter[str | None] = Counter()
        self.reasons = self.late = 0

    @property
    def refusals(self) -> int:
        """Commands that were refused."""
        return self.types["command.refused"]

    def stored(self, some: Sequence[Stored]) -> None:
        """Count the types of some events."""
        self.types.update([one[5] for one in some])

    def opened(self, pairs: Sequence[tuple[Event, Meta]]) -> None:
        """Count the rest. Late are those that were recorded on another day than they are said to have happened."""
        metas = [meta for _, meta in pairs]
        self.actors.update([meta.actor for meta in metas])
        for (year, month), count in Counter([(m.recorded_at.year, m.recorded_at.month) for m in metas]).items():
            self.months[f"{year:04}-{month:02}"] += count
        self.reasons += sum(meta.reason is not None for meta in metas)
        said = [(m.occurred_at, m.recorded_at) for m in metas if m.occurred_at is not None]
        self.late += sum(occurred.date() != recorded.date() for occurred, recorded in said)
