"""My tasks: every step that is ready, for whom, and when it is due."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.events import Meta
from domain.personal import ERASED
from domain.runs import events as e
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE task_run (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, title text NOT NULL, subject text NOT NULL,
    department text NOT NULL, confidential boolean NOT NULL, steps jsonb NOT NULL,
    PRIMARY KEY (tenant_id, run_id));
CREATE TABLE task (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, run_title text NOT NULL,
    subject text NOT NULL, department text NOT NULL, confidential boolean NOT NULL, title text NOT NULL,
    role text NOT NULL, assignee uuid, due date, legal boolean NOT NULL, approval boolean NOT NULL,
    ready_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id, step_id)) WITH (fillfactor = 80);
CREATE INDEX task_assignee ON task (tenant_id, assignee, due, run_id, step_id);
"""

Planned = tuple[str, str, bool, bool]
"""A step's title, role, whether its deadline is legal, whether it is an approval."""


@dataclass(slots=True)
class TaskRun(Row):
    """What a run's tasks say about it."""

    table: ClassVar[str] = "task_run"
    scope: ClassVar[str] = "run_id"
    tenant_id: str
    run_id: str
    title: str
    subject: str
    department: str
    confidential: bool
    steps: dict[str, Planned]


@dataclass(slots=True)
class Task(Row):
    """A step that is ready; nobody's when `assignee` is None."""

    table: ClassVar[str] = "task"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id",)
    tenant_id: str
    run_id: str
    step_id: str
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


tasks = Projection("tasks", version=2, tables=(TaskRun, Task), ddl=DDL)


@tasks.on(e.RunStarted)
def _started(rows: Rows, event: e.RunStarted, meta: Meta) -> None:
    steps = {str(s.id): (s.title, str(s.role), s.legal, s.approval) for s in event.steps}
    rows.add(
        TaskRun(
            meta.tenant, meta.stream, event.title, event.subject, event.department, event.confidential, steps
        )
    )


@tasks.on(e.StepReady)
def _ready(rows: Rows, event: e.StepReady, meta: Meta) -> None:
    run = rows.get(TaskRun)
    if run is None:
        raise KeyError(meta.stream)
    title, role, legal, approval = run.steps[event.step]
    rows.add(
        Task(
            meta.tenant,
            meta.stream,
            event.step,
            run.title,
            run.subject,
            run.department,
            run.confidential,
            title,
            role,
            event.assignee,
            event.due,
            legal,
            approval,
            meta.recorded_at,
        )
    )


@tasks.on(e.StepCompleted, e.StepApproved, e.StepSkipped)
def _closed(rows: Rows, event: e.StepCompleted | e.StepApproved | e.StepSkipped, _: Meta) -> None:
    rows.drop(Task, event.step)


@tasks.on(e.StepRejected, e.StepSentBack, e.StepReopened)
def _wait_again(rows: Rows, event: e.StepRejected | e.StepSentBack | e.StepReopened, _: Meta) -> None:
    for step in event.reset:
        rows.drop(Task, step)


@tasks.on(e.StepReassigned)
def _reassigned(rows: Rows, event: e.StepReassigned, _: Meta) -> None:
    rows.change(Task, event.step).assignee = event.new


@tasks.on(e.StepTaken)
def _taken(rows: Rows, event: e.StepTaken, _: Meta) -> None:
    rows.change(Task, event.step).assignee = event.by


@tasks.on(e.DueDateChanged)
def _due_changed(rows: Rows, event: e.DueDateChanged, _: Meta) -> None:
    if rows.get(Task, event.step):
        rows.change(Task, event.step).due = event.new


@tasks.on(e.RunCancelled)
def _cancelled(rows: Rows, _: e.RunCancelled, __: Meta) -> None:
    for task in list(rows.all(Task)):
        rows.drop(Task, task.step_id)


@tasks.on(e.SubjectErased)
def _erased(rows: Rows, _: e.SubjectErased, __: Meta) -> None:
    rows.change(TaskRun).subject = ERASED
    for task in list(rows.all(Task)):
        rows.change(Task, task.step_id).subject = ERASED
