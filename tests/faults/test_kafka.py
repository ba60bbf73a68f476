"""kill -9 on the way through Kafka: each event is applied once and in order, live is what a rebuild makes."""

from collections.abc import Callable

from tests.broker.broker import Broker
from tests.faults.kafka import FAULTS
from tests.faults.kafka_ordeal import KafkaOrdeal

BETWEEN = 300
"""Events between two faults."""


def test_each_event_is_applied_once_and_in_order_whatever_is_killed(own_broker: Callable[[], Broker]) -> None:
    assert own_broker is not None  # or else this was skipped
    with KafkaOrdeal(tenants=8, events=3_000, partitions=4) as ordeal:
        for kind, fault in FAULTS.items():
            ordeal.let_work(BETWEEN)
            fault(ordeal)
            ordeal.done[kind] += 1
        said = ordeal.finish()
    assert all(f"{kind} 1×" in said for kind in FAULTS)
