"""Following a topic with read models."""

import psycopg

from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.read_store.live import Live
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS

MOST_TURNS = 400


def follow_all(live: Live, through: int) -> None:
    """Until every partition is scanned through a position."""
    for _ in range(MOST_TURNS):
        live.step()
        live.flush()
        if live.position >= through:
            return
    raise AssertionError(f"expected to come through {through}, but came to {live.position}")


def check(dsn: str, through: int) -> None:
    """The read models are through a position, and what the log says."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT min(position) FROM projections").fetchone()
    assert row is not None
    assert row[0] >= through
    assert verify(dsn, PROJECTIONS, workers=1) == []


def followed(dsn: str, settings: KafkaSettings, through: int, batch: int = 2_000) -> None:
    """Follow all partitions to a position, and check."""
    with Live(dsn, PROJECTIONS, batch=batch, delivery=FromTopic(settings)) as live:
        follow_all(live, through)
    check(dsn, through)
