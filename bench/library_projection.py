"""The reference for projections: the library's runner with one read model, an event per transaction."""

import time
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from bench.harness import Figures
from bench.library_model import Run, Runs, environment
from bench.library_reference import seed
from bench.server import database
from bench.workload import Workload, serial

WORKLOAD = Workload(callers=1, history=20)
MOST_PER_SECOND = 1500
"""More events a second than the reference ever projected: how many to seed."""


ENDS = "SELECT min(notification_id), max(notification_id) FROM runs_events"


class Progress(PostgresTrackingRecorder):
    """One row for every run: steps ready and done."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        table = Identifier(datastore.schema, "progress")
        columns = SQL("(run uuid PRIMARY KEY, ready bigint, done bigint)")
        self.sql_create_statements.append(SQL("CREATE TABLE IF NOT EXISTS {} {}").format(table, columns))
        self._add = SQL(
            "INSERT INTO {} AS p VALUES (%s, %s, %s) ON CONFLICT (run) "
            "DO UPDATE SET ready = p.ready + excluded.ready, done = p.done + excluded.done"
        ).format(table)

    def add(self, run: UUID, ready: int, done: int, tracking: Tracking) -> None:
        """Count, and note the position, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._add, (run, ready, done), prepare=True)


class ProgressOfRuns(Projection[Progress]):
    """Counts the steps of runs."""

    name = "progress"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """The start of a run."""
        self.view.add(domain_event.originator_id, 0, 0, tracking)

    @process_event.register
    def _ready(self, domain_event: Run.StepReady, tracking: Tracking) -> None:
        self.view.add(domain_event.originator_id, 1, 0, tracking)

    @process_event.register
    def _completed(self, domain_event: Run.StepCompleted, tracking: Tracking) -> None:
        self.view.add(domain_event.originator_id, -1, 1, tracking)


class LibraryProjection:
    """One read model, live, from a backlog to its end."""

    def __init__(self, dsn: str) -> None:
        """A database of its own."""
        self._dsn = database(dsn, f"bench_library_{next(serial)}")
        self._app = Runs(environment(self._dsn, 1))

    def measure(self, seconds: float) -> Figures:
        """Fresh events, about as many as fit in `seconds`; events a second."""
        seed(self._app, self._dsn, WORKLOAD, max(10, int(seconds * MOST_PER_SECOND / WORKLOAD.seeded)))
        first, last = self._ends()
        return {"rate": (last - first + 1) / self._project(last)}

    def close(self) -> None:
        """Close the pool."""
        self._app.close()

    def _project(self, last: int) -> float:
        """Seconds from the runner's start until the view has seen `last`."""
        started = time.perf_counter()
        with ProjectionRunner[Application[UUID], Progress](
            application_class=Runs,
            projection_class=ProgressOfRuns,
            view_class=Progress,
            env=environment(self._dsn, 2),
        ) as runner:
            runner.wait(last, timeout=300)
            return time.perf_counter() - started

    def _ends(self) -> tuple[int, int]:
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute(ENDS).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)
