"""One run: how far it is, with every step."""

from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, seen_by

RUN = f"""
SELECT run_id, procedure_id, procedure_version, title, subject, department, confidential, status, starter,
       started_at, started_on, finished_at, finished_on, total, done, skipped, ready, next_due, next_legal_due,
       sent_back, version, changed_seq, changed_at,
       (status = 'open' AND next_due < %(today)s) IS TRUE AS late
FROM run_progress WHERE tenant_id = %(tenant)s AND run_id = %(run)s
  AND {RUN_SEEN}
"""

STEPS = """
SELECT step_id, place, title, role, approval, legal, status, assignee, rule, due, ready_at, done_at, done_on,
       done_by, times_done, sent_back,
       (status IN ('waiting', 'ready') AND due < %(today)s) IS TRUE AS late
FROM step_progress WHERE tenant_id = %(tenant)s AND run_id = %(run)s ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run at a glance. `late` is seen from the day asked about."""

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
    late: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the run."""

    step_id: str
    place: int
    title: str
    role: str
    approval: bool
    legal: bool
    status: str
    assignee: str | None
    rule: str | None
    due: date | None
    ready_at: datetime | None
    done_at: datetime | None
    done_on: date | None
    done_by: str | None
    times_done: int
    sent_back: int
    late: bool


@dataclass(frozen=True, slots=True)
class RunDetail:
    """A run and its steps in order."""

    run: RunRow
    steps: tuple[StepRow, ...]


RUN_QUESTION = Question(RUN, RunRow, ("run_progress", "step_progress"))
STEPS_QUESTION = Question(STEPS, StepRow, ("step_progress",))


async def run_detail(
    ask: Ask, tenant: str, run: str, *, today: date, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> RunDetail | None:
    """The run as it is, or as it was; None when there is (or was) none of that id, or none that `viewer` may see."""
    parameters = {"run": run, "today": today, **seen_by(viewer)}
    found = await ask(RUN_QUESTION, tenant, parameters, as_of=as_of, stream=run)
    if not found:
        return None
    steps = await ask(STEPS_QUESTION, tenant, parameters, as_of=as_of, stream=run)
    return RunDetail(found[0], tuple(steps))
