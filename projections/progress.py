"""Progress: where each run and each of its steps is, and when what is next is due."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.events import Meta
from domain.personal import ERASED
from domain.runs import events as e
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE run_progress (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, procedure_id uuid NOT NULL, procedure_version int NOT NULL,
    title text NOT NULL, subject text NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    status text NOT NULL, starter uuid NOT NULL, started_at timestamptz NOT NULL, started_on date NOT NULL,
    finished_at timestamptz, finished_on date, total int NOT NULL, done int NOT NULL, skipped int NOT NULL,
    ready int NOT NULL, next_due date, next_legal_due date, sent_back int NOT NULL, version int NOT NULL,
    changed_seq bigint NOT NULL, changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id)) WITH (fillfactor = 70);
CREATE INDEX run_progress_open ON run_progress (tenant_id, next_due, run_id) WHERE status = 'open';
CREATE INDEX run_progress_procedure ON run_progress (tenant_id, procedure_id, run_id);
CREATE TABLE step_progress (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, place int NOT NULL, title text NOT NULL,
    role text NOT NULL, approval boolean NOT NULL, legal boolean NOT NULL, status text NOT NULL, assignee uuid,
    rule text, due date, ready_at timestamptz, done_at timestamptz, done_on date, done_by uuid,
    times_done int NOT NULL, sent_back int NOT NULL,
    PRIMARY KEY (tenant_id, run_id, step_id)) WITH (fillfactor = 70);
"""


@dataclass(slots=True)
class RunProgress(Row):
    """A run at a glance. `next_due` is the earliest day that an open step is due, legal ones apart too."""

    table: ClassVar[str] = "run_progress"
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


@dataclass(slots=True)
class StepProgress(Row):
    """A step of a run: waiting, ready, done or skipped."""

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


progress = Projection("progress", version=2, tables=(RunProgress, StepProgress), ddl=DDL)


@progress.on(e.RunStarted)
def _started(rows: Rows, event: e.RunStarted, meta: Meta) -> None:
    for place, step in enumerate(event.steps):
        rows.add(
            StepProgress(
                meta.tenant,
                meta.stream,
                step.id,
                place,
                step.title,
                step.role,
                step.approval,
                step.legal,
                due=step.due,
            )
        )
    rows.add(
        RunProgress(
            tenant_id=meta.tenant,
            run_id=meta.stream,
            procedure_id=event.procedure,
            procedure_version=event.procedure_version,
            title=event.title,
            subject=event.subject,
            department=event.department,
            confidential=event.confidential,
            status="open",
            starter=event.starter,
            started_at=meta.recorded_at,
            started_on=event.on,
            finished_at=None,
            finished_on=None,
            total=len(event.steps),
            done=0,
            skipped=0,
            ready=0,
            next_due=None,
            next_legal_due=None,
            sent_back=0,
            version=meta.version,
            changed_seq=meta.seq,
            changed_at=meta.recorded_at,
        )
    )
    _touch(rows, meta)


@progress.on(e.StepReady)
def _ready(rows: Rows, event: e.StepReady, meta: Meta) -> None:
    step = rows.change(StepProgress, event.step)
    step.status, step.assignee, step.rule, step.due = "ready", event.assignee, event.rule, event.due
    step.ready_at = meta.recorded_at
    _touch(rows, meta)


@progress.on(e.StepCompleted, e.StepApproved)
def _done(rows: Rows, event: e.StepCompleted | e.StepApproved, meta: Meta) -> None:
    step = rows.change(StepProgress, event.step)
    step.status, step.done_by, step.done_on, step.done_at = "done", event.by, event.on, meta.recorded_at
    step.times_done += 1
    _touch(rows, meta)


@progress.on(e.StepSkipped)
def _skipped(rows: Rows, event: e.StepSkipped, meta: Meta) -> None:
    rows.change(StepProgress, event.step).status = "skipped"
    _touch(rows, meta)


@progress.on(e.StepRejected, e.StepSentBack)
def _sent_back(rows: Rows, event: e.StepRejected | e.StepSentBack, meta: Meta) -> None:
    rows.change(StepProgress, event.to).sent_back += 1
    rows.change(RunProgress).sent_back += 1
    _wait_again(rows, event.reset, meta)


@progress.on(e.StepReopened)
def _reopened(rows: Rows, event: e.StepReopened, meta: Meta) -> None:
    _wait_again(rows, event.reset, meta)


@progress.on(e.StepReassigned)
def _reassigned(rows: Rows, event: e.StepReassigned, meta: Meta) -> None:
    rows.change(StepProgress, event.step).assignee = event.new
    _touch(rows, meta)


@progress.on(e.StepTaken)
def _taken(rows: Rows, event: e.StepTaken, meta: Meta) -> None:
    rows.change(StepProgress, event.step).assignee = event.by
    _touch(rows, meta)


@progress.on(e.DueDateChanged)
def _due_changed(rows: Rows, event: e.DueDateChanged, meta: Meta) -> None:
    rows.change(StepProgress, event.step).due = event.new
    _touch(rows, meta)


@progress.on(e.Commented)
def _commented(rows: Rows, _: e.Commented, meta: Meta) -> None:
    _touch(rows, meta)


@progress.on(e.RunCompleted, e.RunCancelled)
def _finished(rows: Rows, event: e.RunCompleted | e.RunCancelled, meta: Meta) -> None:
    run = rows.change(RunProgress)
    run.status = "completed" if isinstance(event, e.RunCompleted) else "cancelled"
    run.finished_at, run.finished_on = meta.recorded_at, event.on
    _touch(rows, meta)


@progress.on(e.SubjectErased)
def _erased(rows: Rows, _: e.SubjectErased, meta: Meta) -> None:
    rows.change(RunProgress).subject = ERASED
    _touch(rows, meta)


def _wait_again(rows: Rows, steps: tuple[str, ...], meta: Meta) -> None:
    for name in steps:
        rows.change(StepProgress, name).status = "waiting"
    run = rows.change(RunProgress)
    run.status, run.finished_at, run.finished_on = "open", None, None
    _touch(rows, meta)


def _touch(rows: Rows, meta: Meta) -> None:
    run = rows.change(RunProgress)
    run.version, run.changed_seq, run.changed_at = meta.version, meta.seq, meta.recorded_at


@progress.finally_
def _recount(rows: Rows) -> None:
    """The run's counts and next due days, from its steps."""
    if rows.get(RunProgress) is None:
        return
    run = rows.change(RunProgress)
    steps = list(rows.all(StepProgress))
    status = [step.status for step in steps]
    run.done, run.skipped, run.ready = status.count("done"), status.count("skipped"), status.count("ready")
    open_due = [(s.due, s.legal) for s in steps if s.due and s.status in ("waiting", "ready")]
    run.next_due = min((due for due, _ in open_due), default=None)
    run.next_legal_due = min((due for due, legal in open_due if legal), default=None)
