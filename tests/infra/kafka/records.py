"""What a topic holds, as any client reads it."""

from typing import Any

from kafka import KafkaConsumer, TopicPartition

from infra.kafka.settings import KafkaSettings


def records(settings: KafkaSettings) -> dict[int, list[Any]]:
    """Every record of the settings' topic, by its partition."""
    with KafkaConsumer(**settings.client("test"), auto_offset_reset="none", enable_auto_commit=False) as consumer:
        partitions = [TopicPartition(settings.topic, one) for one in consumer.partitions_for_topic(settings.topic)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        begins = consumer.beginning_offsets(partitions)
        found: dict[int, list[Any]] = {one.partition: [] for one in partitions}
        for partition in partitions:
            consumer.seek(partition, begins[partition])
        while any(consumer.position(one) < ends[one] for one in partitions):
            for partition, some in consumer.poll(timeout_ms=1_000).items():
                found[partition.partition] += some
    return found
