"""Steps while they are someone's to do, and how each turn of a step ended: the rows of tasks."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from projections.engine import Row

DDL = """
CREATE TABLE task_run (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, procedure_id uuid NOT NULL, title text NOT NULL,
    subject text NOT NULL, department text NOT NULL, confidential boolean NOT NULL, started_on date NOT NULL,
    steps jsonb NOT NULL, PRIMARY KEY (tenant_id, run_id));
CREATE TABLE task (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, procedure_id uuid NOT NULL,
    run_title text NOT NULL, subject text NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    title text NOT NULL, role text NOT NULL, assignee uuid, due date, legal boolean NOT NULL,
    approval boolean NOT NULL, ready_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id, step_id)) WITH (fillfactor = 80);
CREATE INDEX task_assignee ON task (tenant_id, assignee, due, run_id, step_id);
CREATE INDEX task_waiting ON task (tenant_id, procedure_id, step_id, ready_at, run_id);
CREATE INDEX task_ready ON task (tenant_id, ready_at, run_id, step_id);
CREATE TABLE step_turn (
    tenant_id uuid NOT NULL, seq bigint NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL,
    procedure_id uuid NOT NULL, department text NOT NULL, confidential boolean NOT NULL, role text NOT NULL,
    assignee uuid, by uuid, ended text NOT NULL, ready_at timestamptz NOT NULL, ended_at timestamptz NOT NULL,
    week date NOT NULL, waited bigint NOT NULL, lead_days int, due date, legal boolean NOT NULL, late boolean,
    PRIMARY KEY (tenant_id, run_id, step_id, seq));
CREATE INDEX step_turn_step ON step_turn (tenant_id, procedure_id, step_id, week, seq);
CREATE INDEX step_turn_late ON step_turn (tenant_id, procedure_id, step_id, week, seq) WHERE late;
CREATE INDEX step_turn_rejecting ON step_turn (tenant_id, procedure_id, step_id, week, seq) WHERE ended = 'rejected';
CREATE TABLE step_return (
    tenant_id uuid NOT NULL, seq bigint NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL,
    procedure_id uuid NOT NULL, department text NOT NULL, confidential boolean NOT NULL, cause text NOT NULL,
    from_step text NOT NULL, by uuid, at timestamptz NOT NULL, week date NOT NULL,
    PRIMARY KEY (tenant_id, run_id, seq));
CREATE INDEX step_return_step ON step_return (tenant_id, procedure_id, step_id, week, seq);
"""

Planned = tuple[str, str, bool, bool]
"""A step's title, role, whether its deadline is legal, whether it is an approval."""


@dataclass(slots=True)
class TaskRun(Row):
    """What a run's tasks say about it."""

    table: ClassVar[str] = "task_run"
    personal: ClassVar[tuple[str, ...]] = ("subject",)
    scope: ClassVar[str] = "run_id"
    tenant_id: str
    run_id: str
    procedure_id: str
    title: str
    subject: str
    department: str
    confidential: bool
    started_on: date
    steps: dict[str, Planned]


@dataclass(slots=True)
class Task(Row):
    """A step that is ready; nobody's when `assignee` is None."""

    table: ClassVar[str] = "task"
    personal: ClassVar[tuple[str, ...]] = ("subject",)
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id",)
    tenant_id: str
    run_id: str
    step_id: str
    procedure_id: str
    run_title: str
    subject: str
    department: str
    confidential: bool
    title: str
    role: str
    assignee: str | None
    due: date | None
    legal: bool
    approval: bool
    ready_at: datetime


@dataclass(slots=True)
class StepTurn(Row):
    """A step that was ready is so no longer: the event `seq` ended its turn.

    `ended` is done, approved, skipped, rejected (an approval that was refused), sent_back (by whoever had it), reset
    (by what happened elsewhere) or cancelled. `waited` is in seconds. `lead_days` and `late` are of what was done, the
    latter where it was due. `week` is the Monday of the day it was done, or else of the event's day in UTC.
    """

    table: ClassVar[str] = "step_turn"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id", "seq")
    ledger: ClassVar[bool] = True
    tenant_id: str
    seq: int
    run_id: str
    step_id: str
    procedure_id: str
    department: str
    confidential: bool
    role: str
    assignee: str | None
    by: str | None
    ended: str
    ready_at: datetime
    ended_at: datetime
    week: date
    waited: int
    lead_days: int | None
    due: date | None
    legal: bool
    late: bool | None


@dataclass(slots=True)
class StepReturn(Row):
    """Work came back to a step, to be done again: sent_back or rejected from another step, or reopened."""

    table: ClassVar[str] = "step_return"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("seq",)
    ledger: ClassVar[bool] = True
    tenant_id: str
    seq: int
    run_id: str
    step_id: str
    procedure_id: str
    department: str
    confidential: bool
    cause: str
    from_step: str
    by: str | None
    at: datetime
    week: date
