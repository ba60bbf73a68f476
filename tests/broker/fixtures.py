"""A broker for each process of a run of tests, and one of its own for tests that break it.

KAFKA_BOOTSTRAP_SERVERS names brokers to use instead; where none can be had the tests are skipped and say why, or fail
when REQUIRE_KAFKA=1.
"""

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from infra.kafka.settings import KafkaSettings
from tests.broker.broker import Broker
from tests.broker.jars import NoBroker, jars

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def kafka_servers() -> Iterator[str]:
    """The bootstrap servers of this process' broker."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    _need_broker()
    with Broker() as broker:
        yield broker.servers


@pytest.fixture
def kafka(kafka_servers: str) -> KafkaSettings:
    """That broker, and a topic that is this test's alone."""
    return KafkaSettings(kafka_servers, topic=f"test.{os.getpid()}.{next(_numbers)}", partitions=3)


@pytest.fixture
def own_broker() -> Callable[[], Broker]:
    """Makes a broker that a test may break."""
    _need_broker()
    return Broker


def _need_broker() -> None:
    try:
        jars()
    except NoBroker as reason:
        if os.environ.get("REQUIRE_KAFKA") == "1":
            pytest.fail(f"REQUIRE_KAFKA=1, but there is no broker: {reason}")
        pytest.skip(f"no broker: {reason}; KAFKA_BOOTSTRAP_SERVERS names one")
