"""The way through Kafka: what kafka-python does at all, and read models that follow the topic."""

import time
from contextlib import ExitStack, redirect_stdout
from datetime import UTC, datetime
from functools import cache
from io import StringIO

import psycopg
import uvloop
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bench.capping import need_capping
from bench.harness import Figures
from bench.parts import SEEN, running, topic, until, value_of
from bench.server import as_url, database, settle
from domain.ids import TenantId
from infra.ids import uuid7
from infra.kafka.envelope import Logged, Placed, headers
from infra.kafka.relay import Relay
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import find_or_make
from projections.catalogue import PROJECTIONS
from services.database import prepare
from tests.faults.feeding import feed

TENANTS, EVENTS = 48, 80_000
RECORDS = 20_000
BODY = 500
FOLDED = "SELECT count(*) FROM trail.trail_entry"
LEADERS = "SELECT count(DISTINCT leader) FROM projections WHERE leader IS NOT NULL"


class Client:
    """kafka-python alone, one process, records like ours: 500 bytes and eleven headers."""

    def close(self) -> None:
        """The broker goes with the process."""

    def measure(self, seconds: float) -> Figures:
        """Records a second: "produce" idempotently and acknowledged, "consume"."""
        settings = topic()
        find_or_make(settings)
        event = Logged(1, TenantId(uuid7()), 1, datetime.now(UTC), b"x" * BODY, "run.step_completed", uuid7())
        attributes = headers(event, Placed(1, 2), b"urn:ashiato")
        return {"produce": self._produce(settings, attributes), "consume": self._consume(settings)}

    def _produce(self, settings: KafkaSettings, attributes: list[tuple[str, bytes]]) -> float:
        producer = KafkaProducer(**settings.client("bench"), linger_ms=5, batch_size=256 * 1024, metrics_enabled=False)
        began = time.perf_counter()
        with producer:
            for number in range(RECORDS):
                producer.send(settings.topic, b"x" * BODY, b"k" * 36, attributes, number % settings.partitions)
            producer.flush()
        return RECORDS / (time.perf_counter() - began)

    def _consume(self, settings: KafkaSettings) -> float:
        partitions = [TopicPartition(settings.topic, number) for number in range(settings.partitions)]
        consumer = KafkaConsumer(**settings.client("bench"), enable_auto_commit=False, metrics_enabled=False)
        with consumer:
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            left, began = RECORDS, time.perf_counter()
            while left > 0:
                left -= sum(map(len, consumer.poll(timeout_ms=500, max_records=2_000).values()))
            return RECORDS / (time.perf_counter() - began)


class Relayed:
    """The log of 80,000 events of 48 tenants, into a topic."""

    def __init__(self, dsn: str) -> None:
        """The log, made once a server."""
        self._dsn = _fed(dsn)

    def close(self) -> None:
        """The database goes with the server."""

    def measure(self, seconds: float) -> Figures:
        """Events a second by one relay, until the broker has acknowledged the last; a new topic each time."""
        settings = topic()
        find_or_make(settings)
        settle(self._dsn)
        began = time.perf_counter()
        _relay(self._dsn, settings)
        took = time.perf_counter() - began
        with psycopg.connect(self._dsn) as connection:
            return {"rate": value_of(connection, "SELECT max(position) FROM events") / took}


class Backlog:
    """All read models, from a topic of 80,000 events of 48 tenants to its end, by so many processes."""

    def __init__(self, dsn: str, processes: int, cores: float | None = None) -> None:
        """The log and the topic, made once a server; each process has so much of a core, or as much as there is."""
        if cores:
            need_capping()
        self._dsn, self._topic = _relayed(dsn)
        self._processes, self._cores = processes, cores

    def close(self) -> None:
        """The database goes with the server."""

    def measure(self, seconds: float) -> Figures:
        """Events a second, from when all processes have partitions on: starting them is left out."""
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            for projection in PROJECTIONS:
                connection.execute(f"DROP SCHEMA IF EXISTS {projection.name} CASCADE")
            connection.execute("TRUNCATE projections")
        prepare(self._dsn)
        settle(self._dsn)
        with ExitStack() as stack, psycopg.connect(self._dsn, autocommit=True) as connection:
            for _ in range(self._processes):
                stack.enter_context(running(self._dsn, self._topic, "project", "--from", "kafka", cores=self._cores))
            until(lambda: value_of(connection, LEADERS) >= self._processes)
            first = until(lambda: value_of(connection, FOLDED))
            began = time.perf_counter()
            head = value_of(connection, "SELECT max(position) FROM events")
            until(lambda: value_of(connection, SEEN) >= head)
            return {"rate": (head - first) / (time.perf_counter() - began)}


@cache
def _relayed(dsn: str) -> tuple[str, KafkaSettings]:
    own, settings = _fed(dsn), topic()
    _relay(own, settings)
    return own, settings


@cache
def _fed(dsn: str) -> str:
    own = as_url(database(dsn, "bench_kafka"))
    prepare(own)
    with redirect_stdout(StringIO()):  # it says how far it is
        uvloop.run(feed(own, TENANTS, EVENTS))
    return own


def _relay(dsn: str, settings: KafkaSettings) -> None:
    with Relay(dsn, settings) as relay:
        while relay.step():
            pass
