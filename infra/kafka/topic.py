"""The topic: made with what must never be left to chance, and known by its id, so that another one is noticed."""

from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import TopicAlreadyExistsError

from infra.kafka.settings import KafkaSettings

UNKNOWN = 3
"""The protocol's error code of a topic that is not there."""
OVERHEAD = 200
"""Bytes of a batch beside its records, generously (https://kafka.apache.org/documentation/#recordbatch)."""
HOUR = 3_600_000


class TopicUnfit(Exception):
    """The topic cannot be what the log goes to; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the brokers have it. `largest` is the size of the largest record that fits, bytes."""

    name: str
    cluster_id: str
    topic_id: str
    partitions: int
    largest: int


def find(settings: KafkaSettings) -> Topic | None:
    """The topic of the settings; None when there is none. Raises KafkaError, and TopicUnfit."""
    with KafkaAdminClient(**settings.client("topic")) as admin:
        return _find(admin, settings)


def find_or_make(settings: KafkaSettings) -> Topic:
    """The topic of the settings, made when there is none. Raises KafkaError, and TopicUnfit."""
    with KafkaAdminClient(**settings.client("topic")) as admin:
        found = _find(admin, settings)
        if found is None:
            _make(admin, settings)
            found = _find(admin, settings)
    if found is None:
        raise TopicUnfit(f"expected to make the topic {settings.topic!r}, but it is not there")
    return found


def _make(admin: KafkaAdminClient, settings: KafkaSettings) -> None:
    config = {
        # Never compacted: a tenant's earlier events are no less true than its last.
        "cleanup.policy": "delete",
        "retention.ms": str(settings.retention_hours * HOUR or -1),
        "retention.bytes": "-1",
        # Kept for so long after they came into the topic, however old they are.
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(settings.largest + OVERHEAD),
    }
    new = NewTopic(settings.topic, settings.partitions, settings.replication or -1, topic_configs=config)
    try:
        admin.create_topics([new])
    except TopicAlreadyExistsError:
        return
    admin.wait_for_topics([settings.topic])


def _find(admin: KafkaAdminClient, settings: KafkaSettings) -> Topic | None:
    [described] = admin.describe_topics([settings.topic])
    if described["error_code"] == UNKNOWN:
        return None
    config = _config(admin, settings.topic)
    if config["cleanup.policy"] != "delete":
        raise TopicUnfit(
            f"expected cleanup.policy=delete of the topic {settings.topic!r}, but it is "
            f"{config['cleanup.policy']!r}: events would go missing"
        )
    return Topic(
        settings.topic,
        admin.describe_cluster()["cluster_id"],
        str(described["topic_id"]),
        len(described["partitions"]),
        min(settings.largest, int(config["max.message.bytes"]) - OVERHEAD),
    )


def _config(admin: KafkaAdminClient, topic: str) -> dict[str, str]:
    wanted = {topic: ["cleanup.policy", "max.message.bytes"]}
    answer: dict[str, Any] = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted[topic])])
    return {name: entry["value"] for name, entry in answer["topic"][topic].items()}
