"""Parts of the program and a broker, started for a measurement and ended with it."""

import atexit
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import count

import psycopg

from bench.capping import capped
from bench.harness import UnavailableError
from infra.kafka.settings import KafkaSettings
from tests.broker.broker import Broker
from tests.broker.jars import NoBroker
from tests.services.commanding import ASHIATO, environment

PATIENCE = 300.0
SEEN = "SELECT coalesce(min(position), 0) FROM projections WHERE name NOT LIKE '%\\_\\_%'"
"""How far all read models are."""

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


@contextmanager
def running(dsn: str, settings: KafkaSettings | None, *arguments: str, cores: float | None = None) -> Iterator[None]:
    """A part of the program, in a process of its own, with so much of a core or as much as there is."""
    said = {"DATABASE_URL": dsn}
    if settings is not None:
        said |= {"ASHIATO_KAFKA_SERVERS": settings.servers, "ASHIATO_KAFKA_TOPIC": settings.topic}
    process = subprocess.Popen(  # noqa: S603  # our own program
        [*ASHIATO, *arguments], env=environment(**said), stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    try:
        with capped(process.pid, cores) if cores else nullcontext():
            try:
                yield
            finally:
                _end(process)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait()


def until(found: Callable[[], int]) -> int:
    """Wait for something that is not nothing."""
    deadline = time.monotonic() + PATIENCE
    while not (value := found()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
    return int(value)


def value_of(connection: psycopg.Connection, question: str) -> int:
    """The one number that a question is answered with; 0 for none."""
    row = connection.execute(question.encode()).fetchone()
    return int(row[0] or 0) if row else 0
