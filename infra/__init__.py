"""Adapters: the event store, the read store, PostgreSQL, Kafka, keys and settings."""
