"""Writers while read models are rebuilt: commands of 16 callers, alone and beside `ashiato rebuild replay`.

The writers' database is another on the same server: theirs has copied runs, which no fold would take. They share cores,
memory, write-ahead log and disk; a replay holds no lock that an append waits for.
"""

import asyncio
import subprocess
import time
from collections import deque

from bench.harness import Figures
from bench.ours_projection import Log
from bench.ours_steps import Steps
from bench.ours_world import copy_runs
from bench.server import as_url, settle
from bench.workload import Chain, Workload
from tests.services.commanding import ASHIATO, environment

MOST_PER_SECOND = 5_000
LONGEST_REPLAY = 30.0
REPLAY = (*ASHIATO, "rebuild", "replay", "--workers", "2")


class Meanwhile(Steps):
    """Completing steps without pause; for a while alone, then until a replay of 100,000 events is done."""

    def __init__(self, dsn: str, workload: Workload) -> None:
        """The writers' database, and a log that was written before."""
        super().__init__(dsn, workload)
        self._log = Log(dsn)
        self._count = 0

    def measure(self, seconds: float) -> Figures:
        """Commands a second "alone" and "meanwhile", their "ratio", and events a second that are replayed: "rate"."""
        wanted = self._workload.runs_for(2 * seconds + LONGEST_REPLAY, MOST_PER_SECOND)
        runs = copy_runs(self._dsn, self._world, wanted)
        settle(self._dsn)
        settle(self._log.dsn)
        return self._runner.run(self._both(self._workload.chains(runs), seconds))

    async def _both(self, chains: deque[Chain], seconds: float) -> Figures:
        writers = [asyncio.create_task(self._write_on(chains)) for _ in range(self._workload.callers)]
        await asyncio.sleep(seconds / 2)
        alone, _ = await self._counted(asyncio.sleep(seconds))
        try:
            meanwhile, took = await self._counted(asyncio.to_thread(self._replay))
            again, _ = await self._counted(asyncio.sleep(seconds))
        finally:
            chains.clear()
            await asyncio.gather(*writers)
        alone = (alone + again) / 2
        events = self._log.events()
        return {"alone": alone, "meanwhile": meanwhile, "ratio": meanwhile / alone, "rate": events / took}

    async def _counted(self, until: "asyncio._CoroutineLike[None]") -> tuple[float, float]:
        """Commands a second until something is done, and how long that took."""
        before, started = self._count, time.perf_counter()
        await until
        took = time.perf_counter() - started
        return (self._count - before) / took, took

    async def _write_on(self, chains: deque[Chain]) -> None:
        while chains:
            for task in chains.popleft():
                await self._do(task)
                self._count += 1

    def _replay(self) -> None:
        """As an operator does, the start of the program included."""
        given = environment(DATABASE_URL=as_url(self._log.dsn))
        subprocess.run(REPLAY, env=given, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own program
