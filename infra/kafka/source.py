"""Partitions of the topic as a source of events for read models: the same folds as from the log.

A place is "scanned through": all events of the partition up to that position of the log are there. An idle partition
moves too, for the relay's cursor says through where the log is in the topic, and what came last in each partition.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from psycopg import Connection

from infra.kafka.cursor import Cursor, TopicChanged, cursor_of
from infra.kafka.envelope import NotAnEvent, Received, received
from infra.kafka.partitions import partition_of
from infra.kafka.settings import KafkaSettings
from infra.kafka.sorting import Sorted
from infra.kafka.topic import Topic, find
from infra.read_store.folding import Stored
from infra.read_store.source import Place, Read, Source

BODIES = "SELECT position, body FROM events WHERE position = ANY (%s)"
STRANGER = """
    INSERT INTO topic_strangers (topic_id, partition, at_offset, why) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
POLL = 0.05
"""Seconds to wait for records; idle partitions move as often."""
SUSPICIOUS_AFTER = 2.0
"""Seconds that a partition may lack what the relay's cursor counts before the topic's end is looked at."""
SAY_AGAIN_AFTER = 60.0
MOST_BYTES = 8 * 1024 * 1024

log = structlog.get_logger("projector")


class FromTopic:
    """The way events come through Kafka: a topic's partitions. Raises TopicChanged, TopicUnfit, KafkaError."""

    waits = True

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        topic = find(settings)
        if topic is None:
            raise TopicChanged(f"expected the topic {settings.topic!r}, but there is none: start `ashiato relay`")
        self._topic = topic

    @property
    def name(self) -> str:
        """The topic, and which of that name."""
        return f"kafka:{self._topic.name}:{self._topic.topic_id}"

    @property
    def partitions(self) -> int:
        """They never change: another number is refused."""
        return self._topic.partitions

    def partition_of(self, tenant: str) -> int:
        """Where a company's events come."""
        return partition_of(tenant, self._topic.partitions)

    @contextmanager
    def open(self, connection: Connection[Any]) -> Iterator[Source]:
        """The topic, as long as the block lasts. Raises TopicChanged when the log never went to this one."""
        with KafkaConsumer(**self._config()) as consumer:
            source = TopicSource(connection, consumer, self._topic)
            source.cursor()
            yield source

    def _config(self) -> dict[str, Any]:
        return {
            **self._settings.client("projector"),
            # No deserializers: after one that raises, kafka-python polls for ever.
            "auto_offset_reset": "none",
            "enable_auto_commit": False,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
            "max_partition_fetch_bytes": max(MOST_BYTES // 8, 2 * self._topic.largest),
            "fetch_max_bytes": MOST_BYTES,
        }


class TopicSource:
    """Reads those partitions that it is asked for, each from the place where it is asked to go on."""

    def __init__(self, connection: Connection[Any], consumer: KafkaConsumer, topic: Topic) -> None:
        self._connection = connection
        self._consumer = consumer
        self._topic = topic
        self._sorted: dict[int, Sorted] = {}
        self._answered: dict[int, Place] = {}
        self._lacking: dict[int, float] = {}

    def read(self, after: Mapping[int, Place], most: int) -> Mapping[int, Read]:
        """What has come after these places, whole commands only; {} when nothing did within a moment."""
        try:
            return self._read(after, most)
        except BaseException:
            self._answered = {}  # whoever asks again says where to go on
            raise

    def cursor(self) -> Cursor:
        """How far the log is in the topic. Raises TopicChanged when the topic is another one, or was never filled."""
        cursor = cursor_of(self._connection, self._topic)
        if cursor is None:
            name = self._topic.name
            raise TopicChanged(f"expected the log to go to the topic {name!r}, but it never did: start `ashiato relay`")
        return cursor

    def _read(self, after: Mapping[int, Place], most: int) -> Mapping[int, Read]:
        self._go_to(after)
        if not after:
            sleep(POLL)
            return {}
        # Asked before reading: what it counts is in the topic by now.
        cursor = self.cursor()
        polled = self._consumer.poll(timeout_ms=int(POLL * 1_000), max_records=most)
        for partition, records in polled.items():
            self._sort(partition.partition, records)
        reads = {number: read for number in after if (read := self._read_of(number, cursor))}
        self._answered |= {number: read.place for number, read in reads.items()}
        if not polled:
            self._look_for_missing(cursor)
        return reads

    def _read_of(self, number: int, cursor: Cursor) -> Read | None:
        """What is to be told of a partition; None when it has not moved."""
        one = self._sorted[number]
        if not one.begun and one.position >= cursor.lasts[number]:
            one.scanned(cursor.position)
        if one.done <= self._answered[number].position:
            return None
        whole, one.whole = one.whole, []
        return Read(self._stored(whole), Place(one.done, one.resume))

    def _sort(self, number: int, records: Sequence[Any]) -> None:
        one = self._sorted[number]
        for record in records:
            try:
                one.take(received(record.key, record.headers, record.value), record.offset)
            except NotAnEvent as stranger:
                self._note(number, record.offset, stranger)
                one.offset = record.offset + 1

    def _note(self, number: int, offset: int, stranger: NotAnEvent) -> None:
        """It is none of the log's, which misses nothing by it; but someone else writes to our topic."""
        values = (self._topic.topic_id, number, offset, str(stranger))
        if self._connection.execute(STRANGER, values).rowcount:
            log.error(
                "a record is no event",
                partition=number,
                offset=offset,
                means="somebody else writes to the topic; the record is left out, and no event is missing by it",
                do="take their right to write away; `topic_strangers` says what was wrong with it",
            )

    def _stored(self, whole: Sequence[Received]) -> list[Stored]:
        """As the log would give them, which has the bytes of those that did not fit into a record."""
        elsewhere = [one.position for one in whole if one.body is None]
        bodies: Mapping[int, bytes] = {}
        if elsewhere:
            bodies = dict(self._connection.execute(BODIES, (elsewhere,)).fetchall())
        return [
            (one.position, one.tenant, one.seq, one.recorded_at, one.body or bodies[one.position], one.type)
            for one in whole
        ]

    def _go_to(self, after: Mapping[int, Place]) -> None:
        """Read these partitions and no others, from where the last answer ended or from where else is asked."""
        if after == self._answered:
            return
        moved = {number: place for number, place in after.items() if self._answered.get(number) != place}
        offsets = self._offsets(moved)
        fresh = {number: Sorted(place.position, place.position, offsets[number]) for number, place in moved.items()}
        self._sorted = {number: fresh.get(number) or self._sorted[number] for number in after}
        self._answered = dict(after)
        self._consumer.assign([self._at(number) for number in after])
        for number, one in self._sorted.items():
            self._consumer.seek(self._at(number), one.offset)

    def _offsets(self, places: Mapping[int, Place]) -> dict[int, int]:
        """Where to go on reading: at the first record where that is unknown, or gone; positions tell what was seen."""
        if not places:
            return {}
        at = {number: self._at(number) for number in places}
        first = self._consumer.beginning_offsets(list(at.values()))
        end = self._consumer.end_offsets(list(at.values()))
        found = {}
        for number, (_, offset) in places.items():
            there = offset is not None and first[at[number]] <= offset <= end[at[number]]
            found[number] = offset if there and offset is not None else first[at[number]]
        return found

    def _look_for_missing(self, cursor: Cursor) -> None:
        """Say which partitions lack what the cursor counts, though they are read to their end."""
        now = monotonic()
        suspects = [number for number, one in self._sorted.items() if one.position < cursor.lasts[number]]
        self._lacking = {number: self._lacking.get(number, now + SUSPICIOUS_AFTER) for number in suspects}
        due = [number for number, at in self._lacking.items() if now > at]
        if not due:
            return
        ends = self._consumer.end_offsets([self._at(number) for number in due])
        for number in due:
            self._lacking[number] = now + SUSPICIOUS_AFTER
            if self._sorted[number].offset >= ends[self._at(number)]:
                self._lacking[number] = now + SAY_AGAIN_AFTER
                log.error("the topic lacks events", problem=self._missing(number, cursor))

    def _missing(self, number: int, cursor: Cursor) -> str:
        return (
            f"expected the topic {self._topic.name!r} to hold events from position {self._sorted[number].position} to "
            f"{cursor.lasts[number]} in partition {number}, but they are not there (past their retention, perhaps): "
            "`ashiato rebuild` takes them from the log"
        )

    def _at(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic.name, number)
