"""A projector from Kafka that kills itself: `python -m tests.infra.kafka.crashing DSN SETTINGS PLACE BATCHES`.

SETTINGS are JSON. PLACE is where it dies with its BATCHESth batch: `applied`, when rows, position and offset are there
but not committed; `committed`, before it knows of it; `apart`, as if rows were committed without the rest.
"""

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.read_store.folder import Work
from infra.read_store.live import Live
from infra.read_store.places import Followed
from infra.read_store.source import Place
from projections.progress import progress
from projections.trail import trail
from tests.projections.census import census

MODELS = (trail, progress, census)
BATCH = 3
"""Records. A place moves with whole commands, however many records they have: with more it might move too seldom."""


class Death:
    """Comes with the last of so many batches."""

    def __init__(self, batches: int) -> None:
        self._left = batches

    def comes(self) -> bool:
        """Is it this batch?"""
        self._left -= 1
        return self._left == 0

    def strike(self) -> None:
        """At once."""
        os.kill(os.getpid(), signal.SIGKILL)


def at_a_move(death: Death, *, apart: bool) -> None:
    """Die when the last read model's position is written, or instead of it, its rows being committed."""
    move = Followed.move

    def moving(one: Followed, connection: Any, to: Mapping[int, Any]) -> None:
        dies = one.name == census.name and death.comes()
        if dies and apart:
            connection.execute("COMMIT")
            death.strike()
        move(one, connection, to)
        if dies:
            death.strike()

    Followed.move = moving  # type: ignore[method-assign, assignment]  # in this process only


def after_a_commit(death: Death) -> None:
    """Die before what was committed is known here."""
    moved = Live._moved

    def having_moved(live: Live, work: Work, to: Mapping[int, Place]) -> None:
        if death.comes():
            death.strike()
        moved(live, work, to)

    Live._moved = having_moved  # type: ignore[method-assign, assignment]  # in this process only


def main(dsn: str, settings: str, place: str, batches: int) -> None:
    """Follow the topic until death comes."""
    if place == "committed":
        after_a_commit(Death(batches))
    else:
        at_a_move(Death(batches), apart=place == "apart")
    kafka = msgspec.json.decode(settings, type=KafkaSettings)
    with Live(dsn, MODELS, batch=BATCH, delivery=FromTopic(kafka)) as live:
        while True:
            live.step()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
