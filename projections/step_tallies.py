"""What turns of steps add up to, by procedure, step and week: the figures of flow that are about steps.

A histogram's values are whole hours for what took less than two days, and whole days (24 hours) beyond: `bucket`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from projections.engine import Rows, Tally
from projections.task_tables import StepReturn, StepTurn, Task

TALLY_DDL = """
CREATE TABLE step_week (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, step_id text NOT NULL, department text NOT NULL,
    confidential boolean NOT NULL, week date NOT NULL, turns bigint NOT NULL, waited bigint NOT NULL,
    done bigint NOT NULL, due bigint NOT NULL, late bigint NOT NULL, legal_due bigint NOT NULL,
    legal_late bigint NOT NULL, rejecting bigint NOT NULL, sent_back bigint NOT NULL, rejected bigint NOT NULL,
    reopened bigint NOT NULL,
    PRIMARY KEY (tenant_id, week, procedure_id, step_id, department, confidential)) WITH (fillfactor = 70);
CREATE TABLE step_time (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, step_id text NOT NULL, department text NOT NULL,
    confidential boolean NOT NULL, week date NOT NULL, measure text NOT NULL, value int NOT NULL,
    turns bigint NOT NULL,
    PRIMARY KEY (tenant_id, procedure_id, week, step_id, measure, value, department, confidential))
    WITH (fillfactor = 70);
CREATE TABLE step_waiting (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, step_id text NOT NULL, department text NOT NULL,
    confidential boolean NOT NULL, role text NOT NULL, steps bigint NOT NULL, nobodys bigint NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (tenant_id, procedure_id, step_id, role, department, confidential)) WITH (fillfactor = 70);
"""

HOURS_UNTIL = 48
DAY_HOURS = 24
HOUR = 3600
ONCE = (1,)


@dataclass(slots=True)
class StepWeek(Tally):
    """A step's turns that ended in a week, and the work that came back to it.

    `waited` is in seconds. `rejecting` are turns in which it refused an approval; `sent_back`, `rejected` and
    `reopened` are why work came back to it.
    """

    table: ClassVar[str] = "step_week"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "step_id", "department", "confidential", "week")
    tenant_id: str
    procedure_id: str
    step_id: str
    department: str
    confidential: bool
    week: date
    turns: int = 0
    waited: int = 0
    done: int = 0
    due: int = 0
    late: int = 0
    legal_due: int = 0
    legal_late: int = 0
    rejecting: int = 0
    sent_back: int = 0
    rejected: int = 0
    reopened: int = 0


@dataclass(slots=True)
class StepTime(Tally):
    """How many turns took how long until they were done: `cycle` in hours from ready, `lead` in days from the start."""

    table: ClassVar[str] = "step_time"
    key: ClassVar[tuple[str, ...]] = (
        "procedure_id",
        "step_id",
        "department",
        "confidential",
        "week",
        "measure",
        "value",
    )
    tenant_id: str
    procedure_id: str
    step_id: str
    department: str
    confidential: bool
    week: date
    measure: str
    value: int
    turns: int


@dataclass(slots=True)
class StepWaiting(Tally):
    """Steps that are ready now, `nobodys` among them. `since` adds up when they became so, in seconds since 1970."""

    table: ClassVar[str] = "step_waiting"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "step_id", "department", "confidential", "role")
    tenant_id: str
    procedure_id: str
    step_id: str
    department: str
    confidential: bool
    role: str
    steps: int
    nobodys: int
    since: int


TALLIES = (StepWeek, StepTime, StepWaiting)


def bucket(seconds: int) -> int:
    """Whole hours, of what took two days or more whole days in hours."""
    hours = seconds // HOUR
    return hours if hours < HOURS_UNTIL else hours // DAY_HOURS * DAY_HOURS


def count_turn(rows: Rows, turn: StepTurn) -> None:
    """A turn that has ended: one of every other event, so no rows are made of it. Numbers as in `StepWeek`."""
    where = (turn.tenant_id, turn.procedure_id, turn.step_id, turn.department, turn.confidential, turn.week)
    is_done, due, late = turn.lead_days is not None, turn.late is not None, turn.late is True
    legal_due, legal_late = due and turn.legal, late and turn.legal
    rejecting = turn.ended == "rejected"
    numbers = (1, turn.waited, +is_done, +due, +late, +legal_due, +legal_late, +rejecting, 0, 0, 0)
    increase = rows.sums.increase
    increase(StepWeek, where, numbers)
    if is_done:
        increase(StepTime, (*where, "cycle", bucket(turn.waited)), ONCE)
        increase(StepTime, (*where, "lead", turn.lead_days), ONCE)


def count_return(rows: Rows, back: StepReturn) -> None:
    """Work that came back to a step."""
    rows.count(
        StepWeek(
            *_whose(back),
            back.week,
            sent_back=int(back.cause == "sent_back"),
            rejected=int(back.cause == "rejected"),
            reopened=int(back.cause == "reopened"),
        )
    )


def stands_for(rows: Rows) -> Iterator[Tally]:
    """The steps that are ready."""
    for task in rows.all(Task):
        since = int(task.ready_at.timestamp())
        yield StepWaiting(*_whose(task), task.role, 1, int(task.assignee is None), since)


def _whose(row: Task | StepTurn | StepReturn) -> tuple[str, str, str, str, bool]:
    return row.tenant_id, row.procedure_id, row.step_id, row.department, row.confidential
