"""My tasks: every step that is ready, for whom, and when it is due; and how long each was, as it ends."""

from datetime import UTC, date

from domain.events import Meta
from domain.personal import ERASED
from domain.runs import events as e
from projections.doer_tallies import DOER_DDL, StepDoer, count_doer
from projections.engine import Projection, Rows
from projections.run_tallies import monday
from projections.step_tallies import TALLIES, TALLY_DDL, count_return, count_turn, stands_for
from projections.task_tables import DDL, StepReturn, StepTurn, Task, TaskRun

tasks = Projection(
    "tasks", version=9, tables=(TaskRun, Task, StepTurn, StepReturn, StepDoer, *TALLIES), ddl=DDL + TALLY_DDL + DOER_DDL
)
tasks.stands_for(stands_for)


@tasks.on(e.RunStarted)
def _started(rows: Rows, event: e.RunStarted, meta: Meta) -> None:
    steps = {str(s.id): (s.title, str(s.role), s.legal, s.approval) for s in event.steps}
    rows.add(
        TaskRun(
            meta.tenant,
            meta.stream,
            event.procedure,
            event.title,
            event.subject,
            event.department,
            event.confidential,
            event.on,
            steps,
        )
    )


@tasks.on(e.StepReady)
def _ready(rows: Rows, event: e.StepReady, meta: Meta) -> None:
    run = _run(rows, meta)
    title, role, legal, approval = run.steps[event.step]
    rows.add(
        Task(
            meta.tenant,
            meta.stream,
            event.step,
            run.procedure_id,
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


@tasks.on(e.StepCompleted, e.StepApproved)
def _done(rows: Rows, event: e.StepCompleted | e.StepApproved, meta: Meta) -> None:
    ended = "done" if isinstance(event, e.StepCompleted) else "approved"
    _end(rows, event.step, ended, meta, on=event.on, by=event.by)


@tasks.on(e.StepSkipped)
def _skipped(rows: Rows, event: e.StepSkipped, meta: Meta) -> None:
    _end(rows, event.step, "skipped", meta, on=event.on)


@tasks.on(e.StepRejected, e.StepSentBack)
def _sent_back(rows: Rows, event: e.StepRejected | e.StepSentBack, meta: Meta) -> None:
    cause = "rejected" if isinstance(event, e.StepRejected) else "sent_back"
    _end(rows, event.step, cause, meta, by=event.by)
    _wait_again(rows, event.reset, meta)
    _come_back(rows, event.to, cause, event.step, meta)


@tasks.on(e.StepReopened)
def _reopened(rows: Rows, event: e.StepReopened, meta: Meta) -> None:
    _wait_again(rows, event.reset, meta)
    _come_back(rows, event.step, "reopened", event.step, meta)


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
def _cancelled(rows: Rows, event: e.RunCancelled, meta: Meta) -> None:
    for task in list(rows.all(Task)):
        _end(rows, task.step_id, "cancelled", meta, on=event.on)


@tasks.on(e.SubjectErased)
def _erased(rows: Rows, _: e.SubjectErased, __: Meta) -> None:
    rows.change(TaskRun).subject = ERASED
    for task in list(rows.all(Task)):
        rows.change(Task, task.step_id).subject = ERASED


def _run(rows: Rows, meta: Meta) -> TaskRun:
    run = rows.get(TaskRun)
    if run is None:
        raise KeyError(meta.stream)
    return run


def _day(meta: Meta) -> date:
    """The day of an event that does not say which it was where the company is."""
    return meta.recorded_at.astimezone(UTC).date()


def _wait_again(rows: Rows, steps: tuple[str, ...], meta: Meta) -> None:
    for step in steps:
        _end(rows, step, "reset", meta)


def _end(rows: Rows, step: str, ended: str, meta: Meta, *, on: date | None = None, by: str | None = None) -> None:
    """A step's turn is over, where it had one."""
    task = rows.get(Task, step)
    if task is None:
        return
    rows.drop(Task, step)
    is_done = on is not None and ended in ("done", "approved")
    turn = StepTurn(
        task.tenant_id,
        meta.seq,
        task.run_id,
        step,
        task.procedure_id,
        task.department,
        task.confidential,
        task.role,
        task.assignee,
        by,
        ended,
        task.ready_at,
        meta.recorded_at,
        monday(on or _day(meta)),
        max(0, int((meta.recorded_at - task.ready_at).total_seconds())),
        (on - _run(rows, meta).started_on).days if on is not None and is_done else None,
        task.due,
        task.legal,
        on > task.due if on is not None and is_done and task.due is not None else None,
    )
    rows.add(turn)
    count_turn(rows, turn)
    count_doer(rows, turn)


def _come_back(rows: Rows, step: str, cause: str, from_step: str, meta: Meta) -> None:
    run = _run(rows, meta)
    back = StepReturn(
        run.tenant_id,
        meta.seq,
        run.run_id,
        step,
        run.procedure_id,
        run.department,
        run.confidential,
        cause,
        from_step,
        meta.actor,
        meta.recorded_at,
        monday(_day(meta)),
    )
    rows.add(back)
    count_return(rows, back)
