"""Our side over HTTP: completing steps, and an endpoint that does nothing, in one server process."""

import asyncio
import json
from contextlib import AsyncExitStack

from bench import load
from bench.harness import Figures
from bench.http_server import HttpServer
from bench.ours_world import World, copy_runs, world
from bench.server import database, settle
from bench.workload import Task, Workload, serial, step_id, values

MOST_PER_SECOND = 6_000


class Steps:
    """Completing steps; `workload.callers` connections."""

    path = "/v1/runs/{run}/steps/{step}/completion"

    def __init__(self, dsn: str, workload: Workload) -> None:
        """A database of its own, a company made by commands, and the server."""
        self._prepare(dsn, workload)
        self._server = HttpServer("bench.ours_http_server:app", {"BENCH_DSN": self._dsn})

    def measure(self, seconds: float) -> Figures:
        """Fresh runs, then requests for `seconds`."""
        runs = copy_runs(self._dsn, self._world, self._workload.runs_for(seconds, MOST_PER_SECOND))
        settle(self._dsn)
        chains = [[self._request(task) for task in chain] for chain in self._workload.chains(runs)]
        found = load.run(self._server.port, self._workload.callers, seconds, chains)
        return {**found, "rss_mb": self._server.rss_mb}

    def close(self) -> None:
        """Stop the server."""
        self._server.close()

    def _prepare(self, dsn: str, workload: Workload) -> None:
        self._workload = workload
        self._dsn = database(dsn, f"bench_ours_{next(serial)}")
        self._world = asyncio.run(_made(self._dsn, workload))

    def _request(self, task: Task) -> bytes:
        body = json.dumps({"values": values(task.step)}, ensure_ascii=False).encode()
        key = self._world.keys[task.step % len(self._world.keys)]
        path = self.path.format(run=task.run, step=step_id(task.step))
        return load.request("PUT", path, {"authorization": f"Bearer {key}"}, body)


class Nothing(Steps):
    """The same requests to an endpoint that authenticates, parses the body, and does nothing."""

    path = "/v1/nothing/{run}/{step}"

    def __init__(self, dsn: str, connections: int) -> None:
        """A server of its own."""
        super().__init__(dsn, Workload(connections, 20))

    def measure(self, seconds: float) -> Figures:
        """As many requests as there is time for: no run is ever changed."""
        runs = [self._world.template] * self._workload.runs_for(seconds, 4 * MOST_PER_SECOND)
        chains = [[self._request(task) for task in chain] for chain in self._workload.chains(runs)]
        return load.run(self._server.port, self._workload.callers, seconds, chains)


async def _made(dsn: str, workload: Workload) -> World:
    async with AsyncExitStack() as stack:
        _, made = await stack.enter_async_context(world(dsn, workload))
        return made
