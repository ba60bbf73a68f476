"""Where each run and each of its steps is: the rows of progress."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from projections.engine import Row

DDL = """
CREATE TABLE run_progress (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, procedure_id uuid NOT NULL, procedure_version int NOT NULL,
    title text NOT NULL, subject text NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    status text NOT NULL, starter uuid NOT NULL, started_at timestamptz NOT NULL, started_on date NOT NULL,
    finished_at timestamptz, finished_on date, total int NOT NULL, done int NOT NULL, skipped int NOT NULL,
    ready int NOT NULL, next_due date, next_legal_due date, sent_back int NOT NULL, version int NOT NULL,
    changed_seq bigint NOT NULL, changed_at timestamptz NOT NULL, first_done_on date, due_done int NOT NULL,
    late_done int NOT NULL, legal_due_done int NOT NULL, legal_late_done int NOT NULL, reopened int NOT NULL,
    PRIMARY KEY (tenant_id, run_id)) WITH (fillfactor = 70);
CREATE INDEX run_progress_open ON run_progress (tenant_id, (coalesce(next_due, date '9999-12-31')), run_id)
    WHERE status = 'open';
CREATE INDEX run_progress_open_subject ON run_progress
    (tenant_id, subject, (coalesce(next_due, date '9999-12-31')), run_id) WHERE status = 'open';
CREATE INDEX run_progress_closed ON run_progress (tenant_id, finished_at DESC, run_id) WHERE finished_at IS NOT NULL;
CREATE INDEX run_progress_procedure ON run_progress (tenant_id, procedure_id, run_id);
CREATE INDEX run_progress_started ON run_progress (tenant_id, started_on, run_id);
CREATE INDEX run_progress_subject ON run_progress (tenant_id, subject, run_id);
CREATE INDEX run_progress_finished ON run_progress (tenant_id, finished_on, run_id) WHERE finished_on IS NOT NULL;
CREATE INDEX run_progress_procedure_finished ON run_progress (tenant_id, procedure_id, finished_on, run_id)
    WHERE finished_on IS NOT NULL;
CREATE TABLE step_progress (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, place int NOT NULL, title text NOT NULL,
    role text NOT NULL, approval boolean NOT NULL, legal boolean NOT NULL, status text NOT NULL, assignee uuid,
    rule text, due date, ready_at timestamptz, done_at timestamptz, done_on date, done_by uuid,
    times_done int NOT NULL, sent_back int NOT NULL, run_procedure_id uuid NOT NULL,
    run_department text NOT NULL, run_confidential boolean NOT NULL, open_due date,
    PRIMARY KEY (tenant_id, run_id, step_id)) WITH (fillfactor = 70);
CREATE INDEX step_progress_due ON step_progress (tenant_id, legal DESC, open_due, run_id, step_id)
    WHERE open_due IS NOT NULL;
"""


@dataclass(slots=True)
class RunProgress(Row):
    """A run at a glance. `next_due` is the earliest day that an open step is due, legal ones apart too.

    `due_done` counts what was done under a due date, `late_done` what of it was done after it.
    """

    table: ClassVar[str] = "run_progress"
    personal: ClassVar[tuple[str, ...]] = ("subject",)
    scope: ClassVar[str] = "run_id"
    tenant_id: str
    run_id: str
    procedure_id: str
    procedure_version: int
    title: str
    subject: str
    department: str
    confidential: bool
    status: str
    starter: str
    started_at: datetime
    started_on: date
    finished_at: datetime | None
    finished_on: date | None
    total: int
    done: int
    skipped: int
    ready: int
    next_due: date | None
    next_legal_due: date | None
    sent_back: int
    version: int
    changed_seq: int
    changed_at: datetime
    first_done_on: date | None = None
    due_done: int = 0
    late_done: int = 0
    legal_due_done: int = 0
    legal_late_done: int = 0
    reopened: int = 0


@dataclass(slots=True)
class StepProgress(Row):
    """A step of a run: waiting, ready, done or skipped. `open_due` is when it is due, while it and its run are open.

    What is the run's is called so: questions join both, and mean the run's own where they name no table.
    """

    table: ClassVar[str] = "step_progress"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id",)
    tenant_id: str
    run_id: str
    step_id: str
    place: int
    title: str
    role: str
    approval: bool
    legal: bool
    status: str = "waiting"
    assignee: str | None = None
    rule: str | None = None
    due: date | None = None
    ready_at: datetime | None = None
    done_at: datetime | None = None
    done_on: date | None = None
    done_by: str | None = None
    times_done: int = 0
    sent_back: int = 0
    run_procedure_id: str = ""
    run_department: str = ""
    run_confidential: bool = False
    open_due: date | None = None
