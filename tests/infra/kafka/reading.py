"""Reading a topic as a projector does, without folding."""

from collections import defaultdict
from typing import Any

import psycopg

from infra.kafka.partitions import partition_of
from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.read_store.making import connect
from infra.read_store.source import Place, fresh

LOG = "SELECT position, tenant_id::text, tenant_seq, recorded_at, body, type FROM events ORDER BY position"
MOST_TURNS = 400


def read_all(dsn: str, settings: KafkaSettings, through: int, batch: int = 2_000) -> dict[int, list[Any]]:
    """What a projector would fold of each partition, until all are scanned through a position."""
    delivery = FromTopic(settings)
    places = {number: Place(0) for number in range(delivery.partitions)}
    found: dict[int, list[Any]] = defaultdict(list)
    with connect(dsn) as connection, delivery.open(connection) as source:
        for _ in range(MOST_TURNS):
            for number, read in source.read(places, batch).items():
                if read.events:
                    found[number] += fresh(read.events, places[number].position)
                places[number] = read.place
            if min(place.position for place in places.values()) >= through:
                return found
    raise AssertionError(f"expected to come through {through}, but came to {places}")


def log_by_partition(dsn: str, partitions: int) -> dict[int, list[Any]]:
    """What there is to be folded."""
    found: dict[int, list[Any]] = defaultdict(list)
    with psycopg.connect(dsn) as connection:
        for event in connection.execute(LOG):
            found[partition_of(event[1], partitions)].append(event)
    return found
