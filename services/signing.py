"""Signing the logs and taking checkpoints outside, together: how both fare, for whoever looks at the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.settings import Settings
from services.anchorer import Anchorer, anchored
from services.checkpointer import Checkpointer, checkpointing


@dataclass(frozen=True, slots=True)
class Signs:
    """The two of this process."""

    checkpointer: Checkpointer
    anchorer: Anchorer

    @property
    def signed(self) -> int:
        """How many checkpoints this process has signed."""
        return self.checkpointer.signed

    @property
    def failures(self) -> int:
        """How often this process has failed to sign any."""
        return self.checkpointer.failures

    @property
    def misfits(self) -> int:
        """How many companies' logs did not go on from their last checkpoint, at the last look."""
        return self.checkpointer.misfits

    @property
    def anchored(self) -> int:
        """How many checkpoints this process has taken outside."""
        return self.anchorer.anchored

    @property
    def anchor_failures(self) -> int:
        """How often this process has failed to."""
        return self.anchorer.failures

    @property
    def unanchored_seconds(self) -> float:
        """For how long the oldest checkpoint that is anchored nowhere has been signed; of all companies."""
        return self.anchorer.unanchored_seconds

    @property
    def open_alarms(self) -> int:
        """How many alarms about evidence wait to be closed."""
        return self.anchorer.open_alarms


@contextmanager
def signing(dsn: str, settings: Settings) -> Iterator[Signs]:
    """Both, for as long as the block runs."""
    with checkpointing(dsn, settings) as checkpointer, anchored(dsn, settings) as anchorer:
        yield Signs(checkpointer, anchorer)
