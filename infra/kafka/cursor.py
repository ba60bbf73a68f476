"""How far the log is in a topic: the row in PostgreSQL that every relay and every reader of the topic goes by."""

from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from psycopg import Connection

from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import Topic

ROW = "SELECT cluster_id, topic_id, partitions, position, lasts FROM relays WHERE topic = %s"
BEGIN = """
    INSERT INTO relays (topic, cluster_id, topic_id, partitions, lasts)
    VALUES (%s, %s, %s, %s, array_fill(0::bigint, ARRAY[%s]))
"""
FORGET = "DELETE FROM relays WHERE topic = %s"
MOVE = """
    UPDATE relays SET position = %s, lasts = %s::bigint[], moved_at = now()
    WHERE topic = %s AND topic_id = %s AND position = %s
"""
DEAD = """
    INSERT INTO relay_dead_letters (tenant_id, position, topic, size, largest)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


class TopicChanged(Exception):
    """The topic is not the one that the log went to; the message says how it differs, and what to do."""


class Overtaken(Exception):
    """The cursor was moved by another relay: what this one sent is in the topic twice, and readers drop it."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The log is in the topic through `position`; `lasts` holds the last position in each partition."""

    position: int
    lasts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event too large for a record; sizes in bytes."""

    tenant: str
    position: int
    size: int


def cursor_of(connection: Connection[Any], topic: Topic) -> Cursor | None:
    """The cursor of this very topic; None when the log never went to one of its name. Raises TopicChanged."""
    row = connection.execute(ROW, (topic.name,)).fetchone()
    if row is None:
        return None
    cluster_id, topic_id, partitions, position, lasts = row
    if cluster_id != topic.cluster_id:
        raise TopicChanged(_changed(topic, f"in the cluster {cluster_id}", f"in {topic.cluster_id}"))
    if topic_id != topic.topic_id:
        raise TopicChanged(_changed(topic, f"to have the id {topic_id}", f"was made anew as {topic.topic_id}"))
    if partitions != topic.partitions:
        raise TopicChanged(_changed(topic, f"to have {partitions} partitions", f"has {topic.partitions}"))
    return Cursor(position, tuple(lasts))


def begin(connection: Connection[Any], topic: Topic, settings: KafkaSettings, *, again: bool = False) -> Cursor:
    """The topic's cursor, at the log's beginning when it is a new one. Raises TopicChanged.

    `again` takes a topic that was made anew for what it is: all of the log goes to it once more.
    """
    with connection.transaction():
        # Two relays may start at the same time.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('ashiato.relays'))")
        if again:
            connection.execute(FORGET, (topic.name,))
        found = cursor_of(connection, topic)
        if found is not None:
            return found
        _need_empty(connection, topic, settings)
        values = (topic.name, topic.cluster_id, topic.topic_id, topic.partitions, topic.partitions)
        connection.execute(BEGIN, values)
    return Cursor(0, (0,) * topic.partitions)


def move(connection: Connection[Any], topic: Topic, old: Cursor, new: Cursor, dead: list[DeadLetter]) -> None:
    """Say that everything through `new` is in the topic, when nobody else has said so. Raises Overtaken."""
    with connection.transaction():
        for one in dead:
            connection.execute(DEAD, (one.tenant, one.position, topic.name, one.size, topic.largest))
        values = (new.position, list(new.lasts), topic.name, topic.topic_id, old.position)
        moved = connection.execute(MOVE, values, prepare=True)
        if moved.rowcount != 1:
            raise Overtaken(f"expected {topic.name!r} to be filled through {old.position}, but another relay was here")


def _changed(topic: Topic, before: str, now: str) -> str:
    return (
        f"expected the topic {topic.name!r} {before}, but it {now}: "
        "name another one in ASHIATO_KAFKA_TOPIC, or `ashiato relay --again` fills this one from the log's beginning"
    )


def _need_empty(connection: Connection[Any], topic: Topic, settings: KafkaSettings) -> None:
    """What others wrote would be taken for ours."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    with KafkaConsumer(**settings.client("topic"), enable_auto_commit=False) as consumer:
        ends = consumer.end_offsets(partitions)
    if any(ends.values()):
        connection.execute("SELECT")  # still ours: or else it may be another relay that has begun meanwhile
        raise TopicChanged(
            f"expected the topic {topic.name!r} to be empty before the log goes to it, but it holds records: "
            "name another one in ASHIATO_KAFKA_TOPIC, or make it anew"
        )
