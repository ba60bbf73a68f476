"""Our read models: projected live, rebuilt, and as of an instant, on a log that commands made."""

import time
from collections.abc import Awaitable, Sequence
from datetime import date
from functools import cache
from random import Random
from statistics import median

import psycopg
import uvloop

from bench import callers
from bench.harness import Figures
from bench.ours_world import World, complete, request, world
from bench.server import database, settle
from bench.workload import Task, Workload, serial
from commands import runs
from domain.ids import RunId
from infra.ids import uuid7
from infra.read_store.asking import Asking, reading_pool
from infra.read_store.live import Live
from infra.read_store.past import past_connections
from infra.read_store.rebuild import rebuild
from projections.catalogue import BY_NAME, PROJECTIONS
from queries.progress_by_department import progress_by_department
from queries.run_detail import run_detail
from services.bootstrap import WriteSide
from services.database import prepare

TODAY = date(2026, 4, 1)
WORKLOAD = Workload(callers=128, history=40)
RUNS = 2_500
AT_ONCE = 500
"""Runs under way at the same time: their events alternate in the log."""


class Log:
    """A database with about 100,000 events of one tenant, shared by all sides of the contest."""

    def __init__(self, dsn: str, runs: int = RUNS) -> None:
        """The log, made once a server; of 40 events a run."""
        self._dsn, self._world, self._runs = _log(dsn, runs)

    def close(self) -> None:
        """The database goes with the server."""

    @property
    def dsn(self) -> str:
        """Where it is."""
        return self._dsn

    def events(self) -> int:
        """How many it holds."""
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute("SELECT max(position) FROM events").fetchone()
        return int(row[0]) if row else 0

    def _forget(self) -> None:
        """Take the read models away, so that they are made from the beginning."""
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            for projection in PROJECTIONS:
                connection.execute(f"DROP SCHEMA IF EXISTS {projection.name} CASCADE")
            connection.execute("TRUNCATE projections")
        prepare(self._dsn)


class LiveSide(Log):
    """Some read models together, live, from a backlog to its end."""

    def __init__(self, dsn: str, names: Sequence[str]) -> None:
        """Those to be followed."""
        super().__init__(dsn)
        self._projections = [BY_NAME[name] for name in names]

    def measure(self, seconds: float) -> Figures:
        """Events a second."""
        self._forget()
        settle(self._dsn)
        started = time.perf_counter()
        with Live(self._dsn, self._projections) as live:
            while live.step():
                pass
            return {"rate": live.position / (time.perf_counter() - started)}


class RebuildSide(Log):
    """Some read models together, rebuilt beside the live ones by two workers, and put in their place."""

    def __init__(self, dsn: str, names: Sequence[str]) -> None:
        """Those to be rebuilt."""
        super().__init__(dsn)
        self._projections = [BY_NAME[name] for name in names]

    def measure(self, seconds: float) -> Figures:
        """Events a second, starting the workers and making the indexes included."""
        settle(self._dsn)
        started = time.perf_counter()
        events = rebuild(self._dsn, self._projections)
        return {"rate": events / (time.perf_counter() - started)}


class AsOf(Log):
    """Questions about the past: a run's, and a tenant's of 100,000 events; no instant is asked about twice."""

    def measure(self, seconds: float) -> Figures:
        """Milliseconds: "run_ms" and "tenant_ms" are medians."""
        return uvloop.run(self._ask())

    async def _ask(self) -> Figures:
        past = past_connections(self._dsn)
        past.open()
        async with reading_pool(self._dsn) as connections:
            ask = Asking(connections, past)
            tenant, last = self._world.tenant, self._last()
            chosen = Random(last)
            run_ms = [
                await _timed(run_detail(ask, tenant, chosen.choice(self._runs), today=TODAY, as_of=last - n))
                for n in range(30)
            ]
            tenant_ms = [
                await _timed(progress_by_department(ask, tenant, today=TODAY, as_of=last - n)) for n in range(2)
            ]
        past.close()
        return {"run_ms": median(run_ms), "tenant_ms": median(tenant_ms)}

    def _last(self) -> int:
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute("SELECT max(tenant_seq) FROM events").fetchone()
        return int(row[0]) if row else 0


async def _timed(question: Awaitable[object]) -> float:
    started = time.perf_counter()
    await question
    return (time.perf_counter() - started) * 1e3


@cache
def _log(dsn: str, count: int) -> tuple[str, World, list[str]]:
    own = database(dsn, f"bench_ours_{next(serial)}")
    made, ids = uvloop.run(_fill(own, count))
    prepare(own)
    return own, made, ids


async def _fill(dsn: str, count: int) -> tuple[World, list[str]]:
    async with world(dsn, WORKLOAD) as (write, made):
        procedure = (await write.reader.read(made.tenant, {made.template: 0}))[made.template][0].procedure
        ids: list[str] = []
        for _ in range(count // AT_ONCE):
            group = [uuid7() for _ in range(AT_ONCE)]
            start = [Task(run, -1) for run in group]
            for step in range(-1, WORKLOAD.done + 1):
                turn = Workload(128, 40).chains([])
                turn.extend([Task(task.run, step)] for task in start)
                await callers.tasks(128, turn, lambda task: _do(write, made, procedure, task), 1e9)
            ids += group
        return made, ids


async def _do(write: WriteSide, made: World, procedure: str, task: Task) -> None:
    if task.step >= 0:
        await complete(write, made, task.run, task.step)
        return
    start = runs.StartRun(RunId(task.run), procedure, "山田 太郎", {})  # type: ignore[arg-type]  # it is one
    await write.commands.execute(request(made.tenant, made.members[0]), start)
