"""Looking at the way through Kafka: is the topic the one that the log goes to, and what was noticed on the way?"""

from collections.abc import Iterator
from typing import Any

from kafka.errors import KafkaError
from psycopg import Connection

from infra.kafka.cursor import TopicChanged, cursor_of
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import TopicUnfit, find
from infra.read_store.making import connect
from services.finding import Finding

MOST_LAG = 10_000
HEAD = "SELECT public.log_head()"
DEAD = "SELECT count(*) FROM relay_dead_letters WHERE topic = %s"
STRANGERS = "SELECT count(*) FROM topic_strangers WHERE topic_id = %s"


def examine_kafka(dsn: str, settings: KafkaSettings) -> list[Finding]:
    """What is to be said of it; one finding when it cannot be reached."""
    with connect(dsn) as connection:
        try:
            return list(_looked_at(connection, settings))
        except (TopicChanged, TopicUnfit) as problem:
            return [Finding(False, str(problem))]
        except KafkaError as error:
            return [Finding(False, f"expected to reach Kafka at {settings.servers}, but: {type(error).__name__}")]


def _looked_at(connection: Connection[Any], settings: KafkaSettings) -> Iterator[Finding]:
    topic = find(settings)
    if topic is None:
        yield Finding(False, f"there is no topic {settings.topic} yet: `ashiato relay` makes it")
        return
    cursor = cursor_of(connection, topic)
    position = cursor.position if cursor else 0
    lag = _one(connection, HEAD) - position
    yield Finding(lag <= MOST_LAG, f"the topic {topic.name} is {lag:,} events behind the log")
    dead = _one(connection, DEAD, topic.name)
    yield Finding(dead == 0, f"{dead} events were too large for {topic.name}: relay_dead_letters names them")
    strangers = _one(connection, STRANGERS, topic.topic_id)
    yield Finding(strangers == 0, f"{strangers} records of {topic.name} are no events: topic_strangers names them")


def _one(connection: Connection[Any], question: str, *values: Any) -> int:
    row = connection.execute(question.encode(), values).fetchone()
    return int(row[0]) if row else 0
