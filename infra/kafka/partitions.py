"""Which partition a company's events are in."""

from functools import cache

from kafka.partitioner.default import murmur2


@cache
def partition_of(tenant: str, partitions: int) -> int:
    """As every Kafka client computes it from the key by default (murmur2)."""
    return int(murmur2(tenant.encode()) & 0x7FFFFFFF) % partitions
