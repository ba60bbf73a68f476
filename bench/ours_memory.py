"""The memory of the whole program, read models included, while it takes a million events over HTTP."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg

from bench import load
from bench.harness import Figures
from bench.ours_http import Steps
from bench.ours_world import copy_runs
from bench.server import as_url, settle
from bench.workload import Task, Workload

EVENTS = 1_000_000
WARM = 100_000
"""Events after which caches and pools are full: from here on memory should stay what it is."""
SLICE = 25_000
"""Commands between two looks."""
WORKLOAD = Workload(callers=64, history=4)
EACH = WORKLOAD.steps - 1
"""Commands on each run: from its first step to the last but one."""
PATIENCE = 3_600.0


class Memory(Steps):
    """`ashiato serve`, its projector included, with 64 connections until the log holds a million events."""

    def __init__(self, dsn: str) -> None:
        """A company and a template run; the program starts with the measuring."""
        self._prepare(dsn, WORKLOAD)

    def measure(self, seconds: float) -> Figures:
        """Megabytes: "rss_mb" is the most, "growth_mb" what came after the first hundred thousand events."""
        with serving(self._dsn) as (process, port):
            seen = dict(self._looks(process, port))
        warm = min((events for events in seen if events >= WARM), default=max(seen))
        return {
            "rss_mb": max(seen.values()),
            "growth_mb": seen[max(seen)] - seen[warm],
            "events": float(max(seen)),
        }

    def close(self) -> None:
        """The database goes with the server."""

    def _looks(self, process: psutil.Process, port: int) -> Iterator[tuple[int, float]]:
        """The log's events and the program's memory in MB, after each slice of commands."""
        while (events := self._events()) < EVENTS:
            runs = copy_runs(self._dsn, self._world, SLICE // EACH)
            settle(self._dsn)
            chains = [[self._request(Task(run, step)) for step in range(EACH)] for run in runs]
            load.run(port, WORKLOAD.callers, PATIENCE, chains)
            rss = process.memory_info().rss / 1e6
            print(f"  {events:>9,} events: {rss:,.0f} MB", flush=True)
            yield events, rss

    def _events(self) -> int:
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute("SELECT max(position) FROM events").fetchone()
        return int(row[0]) if row else 0


@contextmanager
def serving(dsn: str) -> Iterator[tuple[psutil.Process, int]]:
    """The program as people start it; its process and port."""
    command = [sys.executable, "-c", "from services.cli import main; main()", "serve"]
    environment = {**os.environ, "DATABASE_URL": as_url(dsn), "ASHIATO_PORT": "0"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as started:  # noqa: S603 – ours
        try:
            lines = iter(started.stdout or ())
            found = next(match for line in lines if (match := re.search(r"listens on http://[^ ]*:(\d+)", line)))
            yield psutil.Process(started.pid), int(found[1])
        finally:
            started.terminate()
