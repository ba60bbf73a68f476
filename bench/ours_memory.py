"""The memory of the whole program, read models included, while it takes a million events over HTTP."""

import json
import re
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from uuid import uuid4

import psutil
import psycopg

from bench import load
from bench.harness import Figures
from bench.ours_http import Steps
from bench.server import as_url
from bench.workload import Task, Workload
from commands.states import MOST_STATES
from tests.services.commanding import ASHIATO, environment

EVENTS = 1_000_000
SLICE = 25_000
"""Commands between two looks."""
WORKLOAD = Workload(callers=64, history=4)
EACH = WORKLOAD.steps
"""Commands on each run: its start, and its steps but the last."""
WARM = MOST_STATES * 2 * EACH
"""Events after which the cache of streams' states is full of runs: from here on memory should stay as it is."""
PATIENCE = 3_600.0
FOLLOWED = 120.0
"""Seconds that the read models may take to be level with the log after a slice."""


class Memory(Steps):
    """`ashiato serve`, its projector included, with 64 connections until the log holds a million events."""

    def __init__(self, dsn: str) -> None:
        """A company and its procedure; the program starts with the measuring."""
        self._prepare(dsn, WORKLOAD)
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute("SELECT stream_id::text FROM events WHERE type = 'procedure.published'").fetchone()
        self._procedure = row[0] if row else ""

    def measure(self, seconds: float) -> Figures:
        """Megabytes: "rss_mb" is the most, "growth_mb" what came once the caches were full."""
        with serving(self._dsn) as (process, port):
            seen = dict(self._looks(process, port))
        warm = min((events for events in seen if events >= WARM), default=max(seen))
        growth = seen[max(seen)] - seen[warm]
        return {"rss_mb": max(seen.values()), "growth_mb": growth, "events": float(max(seen))}

    def close(self) -> None:
        """The database goes with the server."""

    def _looks(self, process: psutil.Process, port: int) -> Iterator[tuple[int, float]]:
        """The log's events and the program's memory in MB, after each slice of commands, the read models level."""
        events = 0
        while events < EVENTS:
            chains = [self._run(str(uuid4())) for _ in range(SLICE // EACH)]
            load.run(port, WORKLOAD.callers, PATIENCE, chains)
            events = self._followed()
            rss = process.memory_info().rss / 1e6
            print(f"  {events:>9,} events: {rss:,.0f} MB", flush=True)
            yield events, rss

    def _run(self, run: str) -> list[bytes]:
        """A run from its start to its last step but one."""
        body = json.dumps({"procedure": self._procedure, "subject": "山田 太郎"}, ensure_ascii=False).encode()
        start = load.request("PUT", f"/v1/runs/{run}", {"authorization": f"Bearer {self._world.keys[0]}"}, body)
        return [start, *(self._request(Task(run, step)) for step in range(EACH - 1))]

    def _followed(self) -> int:
        """The log's last position, once every read model is there."""
        until = time.monotonic() + FOLLOWED
        while time.monotonic() < until:
            with psycopg.connect(self._dsn) as connection:
                row = connection.execute("SELECT max(position), (SELECT min(position) FROM projections) FROM events")
                head, least = row.fetchone() or (0, 0)
            if head == least:
                return int(head)
            time.sleep(0.1)
        raise RuntimeError(f"expected the read models to follow, but they stand at {least} of {head}")


@contextmanager
def serving(dsn: str) -> Iterator[tuple[psutil.Process, int]]:
    """The program as people start it; its process and port."""
    given = environment(DATABASE_URL=as_url(dsn), ASHIATO_PORT="0")
    with subprocess.Popen([*ASHIATO, "serve"], env=given, stdout=subprocess.PIPE, text=True) as started:  # noqa: S603 – ours
        lines = iter(started.stdout or ())
        # A pipe that nobody reads would stop the program once it is full.
        drained = Thread(target=deque, args=(lines, 0))
        try:
            found = next(match for line in lines if (match := re.search(r"listens on http://[^ ]*:(\d+)", line)))
            drained.start()
            yield psutil.Process(started.pid), int(found[1])
        finally:
            started.terminate()
            if drained.ident:
                drained.join()
