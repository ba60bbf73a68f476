"""`ashiato relay` goes on whatever befalls it, and ends where only a person can help."""

import os
import signal
import time
from collections.abc import Callable

import psycopg
from kafka import KafkaAdminClient

from infra.kafka.relaying import Order
from infra.kafka.settings import KafkaSettings
from services.relay import KeptRelay
from tests.infra.kafka.logs import founded, some_tenants, worked
from tests.infra.kafka.records import records

PATIENCE = 60.0


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def through(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT max(position) FROM relays").fetchone()
    return (row and row[0]) or 0


async def test_a_relay_that_is_killed_is_begun_again(database: str, kafka: KafkaSettings) -> None:
    tenants = some_tenants(2)
    await founded(database, tenants)
    kept = KeptRelay(Order(database, kafka))
    kept.start()
    try:
        kept.wait_until_ready()
        for _ in range(2):
            last = await worked(database, tenants, runs=1)
            until(lambda: through(database) == last)  # noqa: B023  # called at once
            assert kept._process is not None
            os.kill(kept._process.pid, signal.SIGKILL)
        last = await worked(database, tenants, runs=1)
        until(lambda: through(database) == last)
    finally:
        kept.stop()
    assert sum(map(len, records(kafka).values())) >= last


async def test_a_relay_whose_topic_was_made_anew_ends_and_says_why(database: str, kafka: KafkaSettings) -> None:
    await founded(database, some_tenants(1))
    first = KeptRelay(Order(database, kafka))
    first.start()
    first.wait_until_ready()
    until(lambda: through(database) > 0)
    first.stop()
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.delete_topics([kafka.topic])
    second = KeptRelay(Order(database, kafka))
    second.start()
    second._thread.join(PATIENCE)
    assert "made anew" in str(second.refused)
