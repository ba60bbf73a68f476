"""Progress: where each run and each of its steps is, and when what is next is due."""

from datetime import date

from domain.events import Meta
from domain.personal import ERASED
from domain.runs import events as e
from projections.engine import Projection, Rows
from projections.now_tallies import NOW_DDL, NOW_TALLIES
from projections.progress_tables import DDL, RunProgress, StepProgress
from projections.run_parts import PARTS_DDL, ROLE, STARTER, PartCount, RunPart, hold_parts
from projections.run_tallies import TALLIES, TALLY_DDL, stands_for

progress = Projection(
    "progress",
    version=6,
    tables=(RunProgress, StepProgress, RunPart, PartCount, *TALLIES, *NOW_TALLIES),
    ddl=DDL + PARTS_DDL + TALLY_DDL + NOW_DDL,
)


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
                run_procedure_id=event.procedure,
                run_department=event.department,
                run_confidential=event.confidential,
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
    _count_done(rows.change(RunProgress), step, event.on)
    _touch(rows, meta)


def _count_done(run: RunProgress, step: StepProgress, on: date) -> None:
    """Under the due date of that moment; done again it counts again."""
    run.first_done_on = run.first_done_on or on
    if step.due is None:
        return
    late = on > step.due
    run.due_done += 1
    run.late_done += late
    if step.legal:
        run.legal_due_done += 1
        run.legal_late_done += late


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
    rows.change(RunProgress).reopened += 1
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
    """The run's counts, next due days and parts, from its steps: in one go, for it is done after every batch."""
    if rows.get(RunProgress) is None:
        return
    run = rows.change(RunProgress)
    run.done = run.skipped = run.ready = 0
    run.next_due = run.next_legal_due = None
    parts = {f"{STARTER}{run.starter}"} if run.confidential else set()
    for step in rows.all(StepProgress):
        parts.update(filter(None, (step.assignee, step.done_by)))
        if step.status in ("waiting", "ready"):
            open_due = _wait(run, step, parts)
        else:
            open_due = None
            run.done += step.status == "done"
            run.skipped += step.status == "skipped"
        if step.open_due != open_due:
            rows.change(StepProgress, step.step_id).open_due = open_due
    hold_parts(rows, run, parts)


def _wait(run: RunProgress, step: StepProgress, parts: set[str]) -> date | None:
    """Count a step that is not over; the day it is due, in a run that is open."""
    if step.status == "ready":
        run.ready += 1
        if step.assignee is None:
            parts.add(f"{ROLE}{step.role}")
    due = step.due
    if due is None:
        return None
    if run.next_due is None or due < run.next_due:
        run.next_due = due
    if step.legal and (run.next_legal_due is None or due < run.next_legal_due):
        run.next_legal_due = due
    return due if run.status == "open" else None


progress.stands_for(stands_for)
