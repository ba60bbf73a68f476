"""The way through Kafka: what kafka-python does at all, read models that follow the topic, how soon they show."""

import asyncio
import atexit
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count

import psycopg
import uvloop
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bench.harness import Figures, UnavailableError
from bench.server import as_url, database, settle
from commands.request import Request
from commands.runs import Comment, StartRun
from domain.ids import CommandId, RunId, TenantId
from infra.ids import uuid7
from infra.kafka.envelope import Logged, Placed, headers
from infra.kafka.relay import Relay
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import find_or_make
from projections.catalogue import PROJECTIONS
from services.bootstrap import WriteSide, write_side
from services.database import prepare
from tests.broker.broker import Broker
from tests.broker.jars import NoBroker
from tests.faults.feeding import feed
from tests.infra.kafka.logs import founded, some_tenants
from tests.people import AIKO, JOINING_DAY, MONDAY, PROCEDURE
from tests.services.commanding import ASHIATO, environment

TENANTS, EVENTS = 48, 40_000
RECORDS = 20_000
BODY = 500
A_SECOND = 500
"""Commands, for what is visible how soon."""
LOOK_EVERY = 0.004
PATIENCE = 300.0
SEEN = "SELECT coalesce(min(position), 0) FROM projections WHERE name NOT LIKE '%\\_\\_%'"
FOLDED = "SELECT count(*) FROM trail.trail_entry"
LEADERS = "SELECT count(DISTINCT leader) FROM projections WHERE leader IS NOT NULL"

_numbers = count(1)


@cache
def broker() -> Broker:
    """One for all sides; it ends with this process."""
    try:
        started = Broker(heap="1g")
    except NoBroker as reason:
        raise UnavailableError(str(reason)) from None
    atexit.register(started.__exit__, None, None, None)
    return started.__enter__()


def topic() -> KafkaSettings:
    """A topic of its own."""
    return KafkaSettings(broker().servers, topic=f"bench.{next(_numbers)}")


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


class Backlog:
    """All read models, from a topic of 40,000 events of 48 tenants to its end, by so many processes."""

    def __init__(self, dsn: str, processes: int) -> None:
        """The log and the topic, made once a server."""
        self._dsn, self._topic = _relayed(dsn)
        self._processes = processes

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
                stack.enter_context(_running(self._dsn, self._topic, "project", "--from", "kafka"))
            _until(lambda: _one(connection, LEADERS) >= self._processes)
            first = _until(lambda: _one(connection, FOLDED))
            began = time.perf_counter()
            head = _one(connection, "SELECT max(position) FROM events")
            _until(lambda: _one(connection, SEEN) >= head)
            return {"rate": (head - first) / (time.perf_counter() - began)}


class Visible:
    """500 commands a second: from each one's answer to where every read model shows it."""

    def __init__(self, dsn: str, through_kafka: bool) -> None:
        """A database of its own, with the processes that keep its read models."""
        self._stack = ExitStack()
        self._dsn = as_url(database(dsn, f"bench_visible_{next(_numbers)}"))
        prepare(self._dsn)
        self._tenants = some_tenants(TENANTS)
        uvloop.run(founded(self._dsn, self._tenants))
        if through_kafka:
            settings = topic()
            find_or_make(settings)
            self._stack.enter_context(_running(self._dsn, settings, "relay"))
            with psycopg.connect(self._dsn, autocommit=True) as connection:
                _until(lambda: _one(connection, "SELECT coalesce(max(position), 0) FROM relays"))
            self._stack.enter_context(_running(self._dsn, settings, "project", "--from", "kafka"))
        else:
            self._stack.enter_context(_running(self._dsn, None, "project"))
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            _until(lambda: _one(connection, SEEN))

    def close(self) -> None:
        """End them."""
        self._stack.close()

    def measure(self, seconds: float) -> Figures:
        """Milliseconds; and the commands a second that were carried out, which should be 500."""
        return uvloop.run(self._measure(max(seconds, 4.0)))

    async def _measure(self, seconds: float) -> Figures:
        answered: list[tuple[int, float]] = []
        seen: list[tuple[int, float]] = []
        async with write_side(self._dsn) as side, await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True
        ) as connection:
            answered_all: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            looking = asyncio.create_task(_look(connection, seen, answered_all))
            began = time.perf_counter()
            await _command(side, self._tenants, seconds, answered)
            rate = len(answered) / (time.perf_counter() - began)
            answered_all.set_result(max(position for position, _ in answered))
            await looking
        times = sorted(_delays(answered, seen))
        return {"p50_ms": _at(times, 0.5), "p99_ms": _at(times, 0.99), "rate": rate}


async def _command(side: WriteSide, tenants: list[TenantId], seconds: float, answered: list[tuple[int, float]]) -> None:
    """Commands at an even pace, whatever the answers take."""

    async def one(number: int, run: RunId) -> None:
        tenant = tenants[number % len(tenants)]
        start = StartRun(run, PROCEDURE, "新人", anchors)
        command = Comment(run, None, f"{number}") if number >= len(tenants) else start
        request = Request(tenant=tenant, command=CommandId(uuid7()), at=MONDAY, actor=AIKO)
        receipt = await side.commands.execute(request, command)
        answered.append((receipt.position, time.perf_counter()))

    anchors = {JOINING_DAY: MONDAY.date()}
    runs = [RunId(uuid7()) for _ in tenants]
    for number, run in enumerate(runs):
        await one(number, run)
    answered.clear()
    began, given = time.perf_counter(), []
    for number in range(int(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        given.append(asyncio.create_task(one(len(tenants) + number, runs[number % len(tenants)])))
    await asyncio.gather(*given)


async def _look(connection: psycopg.AsyncConnection, seen: list[tuple[int, float]], last: asyncio.Future[int]) -> None:
    """Note how far the read models are, until they are through the last answer's position."""
    while not (last.done() and seen and seen[-1][0] >= last.result()):
        row = await (await connection.execute(SEEN)).fetchone()
        if row and (not seen or row[0] > seen[-1][0]):
            seen.append((row[0], time.perf_counter()))
        await asyncio.sleep(LOOK_EVERY)


def _delays(answered: list[tuple[int, float]], seen: list[tuple[int, float]]) -> Iterator[float]:
    """From each answer to the first look that found it, milliseconds; 0 where it was shown before it was answered."""
    looks = iter(seen)
    position, at = next(looks)
    for wanted, answer in sorted(answered):
        while position < wanted:
            position, at = next(looks)
        yield max(0.0, (at - answer) * 1e3)


def _at(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)]


@cache
def _relayed(dsn: str) -> tuple[str, KafkaSettings]:
    own, settings = as_url(database(dsn, "bench_kafka")), topic()
    prepare(own)
    uvloop.run(feed(own, TENANTS, EVENTS))
    with Relay(own, settings) as relay:
        while relay.step():
            pass
    return own, settings


@contextmanager
def _running(dsn: str, settings: KafkaSettings | None, *arguments: str) -> Iterator[None]:
    """A part of the program, in a process of its own."""
    said = {"DATABASE_URL": dsn}
    if settings is not None:
        said |= {"ASHIATO_KAFKA_SERVERS": settings.servers, "ASHIATO_KAFKA_TOPIC": settings.topic}
    process = subprocess.Popen(  # noqa: S603  # our own program
        [*ASHIATO, *arguments], env=environment(**said), stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _until(found: Callable[[], int]) -> int:
    """Wait for something that is not nothing."""
    deadline = time.monotonic() + PATIENCE
    while not (value := found()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
    return int(value)


def _one(connection: psycopg.Connection, question: str) -> int:
    row = connection.execute(question.encode()).fetchone()
    return int(row[0] or 0) if row else 0
