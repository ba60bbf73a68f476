"""Ids that a seed decides: UUIDv7 of the simulated moment, with the seed's chance."""

from datetime import UTC, datetime, timedelta
from random import Random

from infra.ids import uuid7_at

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Ids:
    """A source of ids. Nothing else may draw from its chance, so that ids stay apart from behaviour."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"ids {seed}")  # noqa: S311  # ids of demo data are no secrets

    def new(self, at: datetime) -> str:
        """A new id of the moment `at`."""
        return uuid7_at((at - EPOCH) // MILLISECOND, self._chance.randbytes(10))
