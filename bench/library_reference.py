"""The reference in process: the library's aggregates and recorder, a thread for every caller."""

from functools import partial
from uuid import UUID

import psycopg

from bench.callers import threads
from bench.harness import Figures
from bench.library_model import Run, Runs, environment
from bench.server import database, settle
from bench.workload import Task, Workload, history, member, serial, step_id, values

MOST_PER_SECOND = 900
"""More commands a second than the reference ever did: how many runs to seed."""

POOL = 16
"""Connections at most. Appends wait for the table lock anyway: 8, 16, 32 and 64 were much alike."""


class LibrarySteps:
    """Completing steps through the library, `workload.callers` threads."""

    def __init__(self, dsn: str, workload: Workload, cached: bool = False) -> None:
        """A database of its own."""
        self._workload = workload
        self._dsn = database(dsn, f"bench_library_{next(serial)}")
        self._cached = cached

    def measure(self, seconds: float) -> Figures:
        """Fresh runs, then commands for `seconds`; commands a second."""
        load = self._workload
        with Runs(environment(self._dsn, min(load.callers, POOL), self._cached)) as app:
            runs = seed(app, self._dsn, load, load.runs_for(seconds, MOST_PER_SECOND))
            return {"rate": threads(load.callers, load.chains(runs), partial(_do, app), seconds)}

    def close(self) -> None:
        """Nothing is held between rounds: idle threads and connections would burden the others."""


def _do(app: Runs, task: Task) -> None:
    app.complete_step(UUID(task.run), step_id(task.step), member(task.step), values(task.step))


def seed(app: Runs, dsn: str, workload: Workload, runs: int) -> list[str]:
    """Replace all that is stored by `runs` runs with the history; their ids.

    One is saved through the library; the others are copies of its rows, which do not hold the id.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("TRUNCATE runs_events")
        first = _saved(app, workload)
        connection.execute(COPIES, (first, runs - 1))
        rows = connection.execute("SELECT DISTINCT originator_id FROM runs_events").fetchall()
    settle(dsn)
    return [str(row[0]) for row in rows]


COPIES = """
WITH source AS MATERIALIZED (
         SELECT originator_version, topic, state FROM runs_events WHERE originator_id = %s
     ),
     target AS MATERIALIZED (SELECT gen_random_uuid() AS id FROM generate_series(1, %s))
INSERT INTO runs_events (originator_id, originator_version, topic, state)
SELECT id, originator_version, topic, state FROM target, source ORDER BY id, originator_version
"""


def _saved(app: Runs, workload: Workload) -> UUID:
    run = Run.start(workload.steps)
    for kind, number in history(workload):
        if kind == "completed":
            run.complete_step(step_id(number), member(number), values(number))
    app.save(run)
    return run.id
