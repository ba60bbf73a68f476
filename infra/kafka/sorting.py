"""What to do with each record of a partition: apply it, or leave it out because it was seen or comes again later."""

from dataclasses import dataclass, field

from infra.kafka.envelope import Received


@dataclass(slots=True)
class Sorted:
    """A partition's records, sorted as they come.

    `position` is that of the last event taken: every event of the partition up to it was. `done` is that of the last
    one whose command is whole. `whole` are those to be applied next; `begun` those of a command whose end has not come
    yet, and `begun_at` the offset of the first of them. `offset` is that of the next record.
    """

    position: int
    done: int
    offset: int
    whole: list[Received] = field(default_factory=list)
    begun: list[Received] = field(default_factory=list)
    begun_at: int = 0
    seen: int = 0
    early: int = 0

    def take(self, record: Received, offset: int) -> None:
        """Sort the next record, whose offset this is."""
        self.offset = offset + 1
        if self.is_seen(record):
            self.seen += 1
        elif self.is_early(record):
            self.early += 1
        else:
            self._keep(record, offset)

    def is_seen(self, record: Received) -> bool:
        """It was applied before: sent again after a failure, or by a relay that was held up."""
        return record.position <= self.position

    def is_early(self, record: Received) -> bool:
        """Others come before it, which are not here yet: they come, and it comes again after them."""
        return record.previous > self.position

    @property
    def resume(self) -> int:
        """The offset to go on from, when what is begun is forgotten."""
        return self.begun_at if self.begun else self.offset

    def scanned(self, through: int) -> None:
        """Nothing of this partition is missing up to a position of the log."""
        self.position = self.done = max(self.position, through)

    def _keep(self, record: Received, offset: int) -> None:
        if not self.begun:
            self.begun_at = offset
        self.position = record.position
        self.begun.append(record)
        if record.position >= record.end:
            self.done = record.position
            self.whole += self.begun
            self.begun = []
