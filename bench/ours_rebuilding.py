"""Writers while read models are rebuilt: commands alone and beside `ashiato rebuild replay`.

The writers' database is another on the same server: theirs has copied runs, which no fold would take. They share cores,
memory, write-ahead log and disk; a replay holds no lock that an append waits for.
"""

import asyncio
import subprocess
import time
from collections import deque
from statistics import quantiles
from typing import NamedTuple

from bench.harness import Figures
from bench.ours_projection import Log
from bench.ours_steps import Steps
from bench.ours_world import copy_runs
from bench.server import as_url, settle
from bench.workload import Chain, Task, Workload
from tests.services.commanding import ASHIATO, environment

MOST_PER_SECOND = 5_000
PACE = 500
"""Commands a second: the load at which other goals are set."""
LEAST_REPLAYED = 9_000
"""Events a second: for so long there are runs to be written."""
REPLAY = (*ASHIATO, "rebuild", "replay", "--workers", "2")


class Written(NamedTuple):
    """Commands a second of some seconds; what one took, in milliseconds."""

    rate: float
    median: float
    slowest: float
    took: float


class Meanwhile(Steps):
    """Completing steps without pause; for a while alone, then until a replay of a log of so many runs is done."""

    most = MOST_PER_SECOND

    def __init__(self, dsn: str, workload: Workload, runs: int) -> None:
        """The writers' database, and a log that was written before."""
        super().__init__(dsn, workload)
        self._log = Log(dsn, runs)
        self._took: list[float] = []

    def measure(self, seconds: float) -> Figures:
        """Commands a second and milliseconds of one, alone and meanwhile; events a second that are replayed: "rate"."""
        longest = self._log.events() / LEAST_REPLAYED
        wanted = self._workload.runs_for(3 * seconds + longest, self.most)
        runs = copy_runs(self._dsn, self._world, wanted)
        settle(self._dsn)
        settle(self._log.dsn)
        return self._runner.run(self._both(self._workload.chains(runs), seconds))

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
        alone = Written(*(sum(both) / 2 for both in zip(before, after, strict=True)))
        return {
            "alone": alone.rate,
            "meanwhile": meanwhile.rate,
            "ratio": meanwhile.rate / alone.rate,
            "alone_ms": alone.median,
            "ms": meanwhile.median,
            "alone_p99_ms": alone.slowest,
            "p99_ms": meanwhile.slowest,
            "rate": self._log.events() / meanwhile.took,
        }

    async def _written(self, until: "asyncio._CoroutineLike[None]") -> Written:
        """What is written until something is done."""
        self._took, started = [], time.perf_counter()
        await until
        took, percent = time.perf_counter() - started, quantiles(self._took, n=100)
        return Written(len(self._took) / took, percent[49] * 1e3, percent[98] * 1e3, took)

    async def _write_on(self, chains: deque[Chain]) -> None:
        async def caller() -> None:
            while chains:
                await self._chain(chains.popleft())

        await asyncio.gather(*(caller() for _ in range(self._workload.callers)))

    async def _chain(self, chain: Chain) -> None:
        for task in chain:
            await self._timed(task)

    async def _timed(self, task: Task) -> None:
        started = time.perf_counter()
        await self._do(task)
        self._took.append(time.perf_counter() - started)


class Replay(Log):
    """The same replay alone."""

    def measure(self, seconds: float) -> Figures:
        """Events a second, the start of the program included."""
        settle(self.dsn)
        started = time.perf_counter()
        replay(self.dsn)
        return {"rate": self.events() / (time.perf_counter() - started)}


class Paced(Meanwhile):
    """Completing 500 steps a second at an even pace, however long each takes."""

    most = PACE

    async def _write_on(self, chains: deque[Chain]) -> None:
        began, given, under_way = time.perf_counter(), 0, set[asyncio.Task[None]]()
        while chains:
            chain = chains.popleft()
            given += len(chain)
            under_way.add(task := asyncio.create_task(self._chain(chain)))
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(max(0.0, began + given / PACE - time.perf_counter()))
        await asyncio.gather(*under_way)


def replay(dsn: str) -> None:
    """As an operator does."""
    given = environment(DATABASE_URL=as_url(dsn))
    subprocess.run(REPLAY, env=given, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own program
