"""A run as the eventsourcing library would have it: its own aggregate, application, mapper and recorder."""

from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from psycopg.conninfo import conninfo_to_dict

from bench.workload import member, step_id


class StepNotReadyError(Exception):
    """The step is not the one that may be completed now."""


class Run(Aggregate):
    """One case; explicit event classes, because the library's decorated methods cost more."""

    def __init__(self, procedure: str, subject: str, steps: list[str], started_by: str) -> None:
        """As the library does it, called with the attributes of Started."""
        self.procedure = procedure
        self.subject = subject
        self.steps = steps
        self.started_by = started_by
        self.ready: dict[str, str] = {}
        self.completed: dict[str, dict[str, Any]] = {}

    class Started(Aggregate.Created):
        """The run begins."""

        procedure: str
        subject: str
        steps: list[str]
        started_by: str

    class StepReady(Aggregate.Event):
        """A step may be done."""

        step: str
        assignee: str
        due: str
        why: str

        def apply(self, aggregate: Any) -> None:
            """Note who is to do it."""
            aggregate.ready[self.step] = self.assignee

    class StepCompleted(Aggregate.Event):
        """A step is done, with its form."""

        step: str
        by: str
        values: dict[str, Any]

        def apply(self, aggregate: Any) -> None:
            """It is no longer open."""
            aggregate.ready.pop(self.step, None)
            aggregate.completed[self.step] = self.values

    @classmethod
    def start(cls, steps: int) -> "Run":
        """A run with its first step ready."""
        names = [step_id(number) for number in range(steps)]
        run = cls._create(
            cls.Started, procedure="hiring", subject="emi", steps=names, started_by="member-aiko"
        )
        run.make_ready(0)
        return run

    def make_ready(self, number: int) -> None:
        """Open step `number` to the one who does it."""
        self.trigger_event(
            self.StepReady, step=step_id(number), assignee=member(number), due="2026-04-10", why=DUE
        )

    def complete_step(self, step: str, by: str, values: dict[str, Any]) -> None:
        """Complete a step that is ready and open the next; the same again changes nothing."""
        if self.completed.get(step) == values:
            return
        if step not in self.steps:
            raise StepNotReadyError(f"expected a step of this run, but got {step!r}")
        if self.ready.get(step) != by:
            raise StepNotReadyError(f"expected {by!r} to complete {step!r}, but it is not ready for them")
        self.trigger_event(self.StepCompleted, step=step, by=by, values=values)
        following = self.steps.index(step) + 1
        if following < len(self.steps):
            self.make_ready(following)


DUE = "入社日の 10 日後、労働条件通知書と雇用契約書の取り交わしが済んでから; a deadline set by law."


class Runs(Application[UUID]):
    """The service: load, decide, save."""

    def complete_step(self, run: UUID, step: str, by: str, values: dict[str, Any]) -> int:
        """Complete a step; the position of the last event."""
        aggregate: Run = self.repository.get(run)
        aggregate.complete_step(step, by, values)
        recordings = self.save(aggregate)
        return recordings[-1].notification.id if recordings else 0


def environment(dsn: str, pool: int, cached: bool = False) -> dict[str, str]:
    """The library's settings: default table lock, `pool` connections; `cached` keeps aggregates in memory.

    Without fast-forwarding, which one process does not need and which reads the stream again on every hit.
    """
    parts = conninfo_to_dict(dsn)
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts.get("host", "")),
        "POSTGRES_PORT": str(parts.get("port", "5432")),
        "POSTGRES_USER": str(parts.get("user", "postgres")),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "POSTGRES_POOL_SIZE": str(pool),
        "POSTGRES_MAX_OVERFLOW": "0",
        # as many may wait for a connection as there are callers
        "POSTGRES_CONNECT_TIMEOUT": "60",
    }
    cache = {"AGGREGATE_CACHE_MAXSIZE": "20000", "AGGREGATE_CACHE_FASTFORWARD": "n"}
    return settings | (cache if cached else {})
