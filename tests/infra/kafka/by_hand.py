"""Topics filled by hand, with the relay's records in an order of our own."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kafka import KafkaProducer

from infra.kafka.cursor import Cursor, begin, cursor_of, move
from infra.kafka.relay import Relay
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import find_or_make
from infra.read_store.live import connect
from tests.infra.kafka.records import records


def relay_all(dsn: str, settings: KafkaSettings) -> int:
    """Relay all there is; the cursor's position."""
    with Relay(dsn, settings) as relay:
        while relay.step():
            pass
        return relay.cursor.position


class ByHand:
    """A topic beside a real one that gets the real one's records in an order of our own."""

    def __init__(self, dsn: str, real: KafkaSettings) -> None:
        self._dsn = dsn
        self.settings = replace(real, topic=f"{real.topic}.by-hand")
        self.real = records(real)
        with connect(dsn) as connection:
            self._cursor = cursor_of(connection, find_or_make(real))
            self.topic = find_or_make(self.settings)
            begin(connection, self.topic, self.settings)

    def write(self, partition: int, some: Iterable[Any]) -> None:
        """Put copies of records into a partition."""
        with KafkaProducer(**self.settings.client("test"), batch_size=4_096) as producer:
            for one in some:
                producer.send(self.settings.topic, one.value, one.key, list(one.headers), partition)

    def write_else(self, partition: int, key: bytes | None, value: bytes, *headers: tuple[str, bytes]) -> None:
        """Put something else into a partition."""
        with KafkaProducer(**self.settings.client("test"), batch_size=4_096) as producer:
            producer.send(self.settings.topic, value, key, list(headers), partition)

    def finish(self) -> None:
        """Say, as the relay would, that everything is there."""
        assert self._cursor is not None
        with connect(self._dsn) as connection:
            move(connection, self.topic, Cursor(0, (0,) * self.topic.partitions), self._cursor, [])


def twice(some: list[Any]) -> list[Any]:
    """Each record, some of them again after newer ones, as a relay leaves it that was held up or failed."""
    third = len(some) // 3
    return [*some[: 2 * third], *some[third : 2 * third], *some[: 2 * third], *some[2 * third :]]


def early(some: list[Any]) -> list[Any]:
    """Each record, some before their turn, as a producer leaves it whose first batch failed and not the second."""
    third = len(some) // 3
    return [*some[:third], *some[2 * third :], *some[third:]]
