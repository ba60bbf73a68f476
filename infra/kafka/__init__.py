"""Kafka: the topic, the envelope, the relay that writes it and the partitions that are read (docs/kafka.md)."""
