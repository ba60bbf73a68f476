"""Writers while read models are rebuilt: commands alone and beside `ashiato rebuild replay`.

The writers' database is another on the same server: theirs has copied runs, which no fold would take. They share cores,
memory, write-ahead log and disk; a replay holds no lock that an append waits for.
"""

import asyncio
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from statistics import quantiles
from subprocess import DEVNULL
from typing import NamedTuple

import psutil

from bench.harness import Figures
from bench.ours_projection import Log
from bench.ours_steps import Steps
from bench.ours_world import copy_runs
from bench.server import as_url, settle
from bench.workload import Chain, Task, Workload
from tests.services.commanding import ASHIATO, environment

MOST_PER_SECOND = 5_000
WINDOW = 2.0
"""Seconds that writers are alone or not, in turn."""
LEAST_REPLAYED = 9_000
"""Events a second: for so long there are runs to be written."""
REPLAY = (*ASHIATO, "rebuild", "replay", "--workers", "2")


class Written(NamedTuple):
    """What each command of some seconds took, in seconds."""

    seconds: float
    took: Sequence[float]

    @property
    def rate(self) -> float:
        """Commands a second."""
        return len(self.took) / self.seconds

    def percentile_ms(self, n: int) -> float:
        """What n of a hundred took at most, in milliseconds."""
        return quantiles(self.took, n=100)[n - 1] * 1e3


class Beside(Steps):
    """Completing steps while a log of so many runs, in a database of its own, is replayed."""

    most: int

    def __init__(self, dsn: str, workload: Workload, runs: int) -> None:
        """The writers' database, and a log that was written before."""
        super().__init__(dsn, workload)
        self._log = Log(dsn, runs)
        self._took: list[float] = []

    def _chains(self, seconds: float) -> deque[Chain]:
        """Commands for so long."""
        runs = copy_runs(self._dsn, self._world, self._workload.runs_for(seconds, self.most))
        settle(self._dsn)
        settle(self._log.dsn)
        return self._workload.chains(runs)

    async def _written(self, until: "asyncio._CoroutineLike[None]") -> Written:
        """What is written until something is done."""
        self._took, started = [], time.perf_counter()
        await until
        return Written(time.perf_counter() - started, self._took)

    async def _chain(self, chain: Chain) -> None:
        for task in chain:
            await self._timed(task)

    async def _timed(self, task: Task) -> None:
        started = time.perf_counter()
        await self._do(task)
        self._took.append(time.perf_counter() - started)


class Pauseless(Beside):
    """Writers that do as much as they can, alone and beside a replay in turn: it is stopped every other second or two.

    So both are measured at the same time, however fast the machine is by then. When PostgreSQL makes keys and indexes
    in the end, nothing is stopped any more, for that would stop others, too: writers are alone again behind it.
    """

    most = MOST_PER_SECOND

    def measure(self, seconds: float) -> Figures:
        """What writers keep of their pace ("ratio"), and the events a second that are replayed meanwhile ("rate")."""
        longest = 2 * self._log.events() / LEAST_REPLAYED
        return self._runner.run(self._in_turn(self._chains(longest + 6 * WINDOW), seconds))

    async def _in_turn(self, chains: deque[Chain], seconds: float) -> Figures:
        writing = asyncio.create_task(self._write_on(chains))
        try:
            await asyncio.sleep(seconds / 2)
            alone, beside = [await self._written(asyncio.sleep(WINDOW))], []
            with _replaying(self._log.dsn) as program:
                while program.poll() is None:
                    beside.append(await self._written(asyncio.to_thread(_further, program)))
                    with _stopped(program):
                        alone.append(await self._written(asyncio.sleep(WINDOW)))
            if writing.done():
                raise RuntimeError("expected runs to write until the replay was over, but there were too few")
        finally:
            chains.clear()
            await writing
        around = [(before.rate + after.rate) / 2 for before, after in pairwise(alone)]
        expected = sum(rate * one.seconds for rate, one in zip(around, beside, strict=True))
        return {
            "ratio": sum(len(one.took) for one in beside) / expected,
            "rate": self._log.events() / sum(one.seconds for one in beside),
            "alone": sum(around) / len(around),
        }

    async def _write_on(self, chains: deque[Chain]) -> None:
        async def caller() -> None:
            while chains:
                await self._chain(chains.popleft())

        await asyncio.gather(*(caller() for _ in range(self._workload.callers)))


class Paced(Beside):
    """Completing so many steps a second at an even pace, however long each takes: alone, beside a replay, alone."""

    def __init__(self, dsn: str, workload: Workload, runs: int, pace: int) -> None:
        """`pace`: commands a second."""
        super().__init__(dsn, workload, runs)
        self.most = pace

    def measure(self, seconds: float) -> Figures:
        """Commands a second and milliseconds of one, alone and meanwhile; events a second that are replayed: "rate"."""
        longest = self._log.events() / LEAST_REPLAYED
        return self._runner.run(self._both(self._chains(3 * seconds + longest), seconds))

    async def _both(self, chains: deque[Chain], seconds: float) -> Figures:
        writing = asyncio.create_task(self._write_on(chains))
        await asyncio.sleep(seconds / 2)
        before = await self._written(asyncio.sleep(seconds))
        try:
            meanwhile = await self._written(asyncio.to_thread(replay, self._log.dsn))
            after = await self._written(asyncio.sleep(seconds))
        finally:
            chains.clear()
            await writing
        return {
            "ratio": 2 * meanwhile.rate / (before.rate + after.rate),
            "alone_ms": (before.percentile_ms(50) + after.percentile_ms(50)) / 2,
            "ms": meanwhile.percentile_ms(50),
            "alone_p99_ms": (before.percentile_ms(99) + after.percentile_ms(99)) / 2,
            "p99_ms": meanwhile.percentile_ms(99),
            "rate": self._log.events() / meanwhile.seconds,
        }

    async def _write_on(self, chains: deque[Chain]) -> None:
        began, given, under_way = time.perf_counter(), 0, set[asyncio.Task[None]]()
        while chains:
            chain = chains.popleft()
            given += len(chain)
            under_way.add(task := asyncio.create_task(self._chain(chain)))
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(max(0.0, began + given / self.most - time.perf_counter()))
        await asyncio.gather(*under_way)


class Replay(Log):
    """The same replay alone."""

    def measure(self, seconds: float) -> Figures:
        """Events a second, the start of the program included."""
        settle(self.dsn)
        started = time.perf_counter()
        replay(self.dsn)
        return {"rate": self.events() / (time.perf_counter() - started)}


def replay(dsn: str) -> None:
    """As an operator does."""
    subprocess.run(REPLAY, env=environment(DATABASE_URL=as_url(dsn)), check=True, stdout=DEVNULL)  # noqa: S603  # ours


def _further(program: "psutil.Popen") -> None:
    """A window's time; to the end where its helpers are gone by then, for the replay itself is over."""
    helped = bool(_children(program))
    with suppress(psutil.TimeoutExpired):
        program.wait(WINDOW)
    if helped and not _children(program):
        program.wait()


@contextmanager
def _replaying(dsn: str) -> Iterator["psutil.Popen"]:
    """As an operator does, until it has ended within the block. Raises CalledProcessError."""
    program = psutil.Popen(REPLAY, env=environment(DATABASE_URL=as_url(dsn)), stdout=DEVNULL)
    try:
        yield program
    finally:
        if program.poll() is None:
            program.terminate()
        status = program.wait()
    if status:
        raise subprocess.CalledProcessError(status, REPLAY)


@contextmanager
def _stopped(program: "psutil.Process") -> Iterator[None]:
    """A program that does nothing meanwhile, and what it has started, as far as they are still there."""
    stopped: list[psutil.Process] = []
    try:
        with suppress(psutil.NoSuchProcess):
            program.suspend()  # the first: it starts no more then
            stopped.append(program)
            for child in _children(program):
                child.suspend()
                stopped.append(child)
        yield
    finally:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def _children(program: "psutil.Process") -> Sequence["psutil.Process"]:
    """The processes that it has started, none when it has ended."""
    try:
        return [child for child in program.children() if child.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []
