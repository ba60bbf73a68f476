"""How soon read models show what was answered, from the log and through Kafka."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import psycopg
import uvloop

from bench.harness import Figures
from bench.parts import SEEN, running, topic, until, value_of
from bench.server import as_url, database
from commands.request import Request
from commands.runs import Comment, StartRun
from domain.ids import CommandId, RunId, TenantId
from infra.ids import uuid7
from infra.kafka.topic import find_or_make
from services.bootstrap import WriteSide, write_side
from services.database import prepare
from tests.infra.kafka.logs import founded, some_tenants
from tests.people import AIKO, JOINING_DAY, MONDAY, PROCEDURE

TENANTS = 48
A_SECOND = 500
"""Commands."""
LOOK_EVERY = 0.004

_numbers = count(1)


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
            self._stack.enter_context(running(self._dsn, settings, "relay"))
            with psycopg.connect(self._dsn, autocommit=True) as connection:
                until(lambda: value_of(connection, "SELECT coalesce(max(position), 0) FROM relays"))
            self._stack.enter_context(running(self._dsn, settings, "project", "--from", "kafka"))
        else:
            self._stack.enter_context(running(self._dsn, None, "project"))
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            until(lambda: value_of(connection, SEEN))

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

    async def give(number: int, run: RunId) -> None:
        tenant = tenants[number % len(tenants)]
        start = StartRun(run, PROCEDURE, "新人", anchors)
        command = Comment(run, None, f"{number}") if number >= len(tenants) else start
        request = Request(tenant=tenant, command=CommandId(uuid7()), at=MONDAY, actor=AIKO)
        receipt = await side.commands.execute(request, command)
        answered.append((receipt.position, time.perf_counter()))

    anchors = {JOINING_DAY: MONDAY.date()}
    runs = [RunId(uuid7()) for _ in tenants]
    for number, run in enumerate(runs):
        await give(number, run)
    answered.clear()
    began, given = time.perf_counter(), []
    for number in range(int(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        given.append(asyncio.create_task(give(len(tenants) + number, runs[number % len(tenants)])))
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
