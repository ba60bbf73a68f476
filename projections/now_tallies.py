"""What runs add up to now: how many there are of each procedure, and what is due on which day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from projections.engine import Rows, Tally
from projections.progress_tables import RunProgress, StepProgress

NOW_DDL = """
CREATE TABLE run_count (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    procedure_version int NOT NULL, title text NOT NULL, open bigint NOT NULL, completed bigint NOT NULL,
    cancelled bigint NOT NULL, steps_done bigint NOT NULL, steps_total bigint NOT NULL, sent_back bigint NOT NULL,
    lead_days bigint NOT NULL,
    PRIMARY KEY (tenant_id, procedure_id, department, confidential, procedure_version, title))
    WITH (fillfactor = 70);
CREATE TABLE due_day (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    due date NOT NULL, runs bigint NOT NULL, legal_runs bigint NOT NULL, steps bigint NOT NULL,
    legal_steps bigint NOT NULL,
    PRIMARY KEY (tenant_id, due, procedure_id, department, confidential)) WITH (fillfactor = 70);
"""


@dataclass(slots=True)
class RunCount(Tally):
    """Runs by what became of them. Steps are those of open runs; `lead_days` adds up those of completed ones."""

    table: ClassVar[str] = "run_count"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "department", "confidential", "procedure_version", "title")
    tenant_id: str
    procedure_id: str
    department: str
    confidential: bool
    procedure_version: int
    title: str
    open: int = 0
    completed: int = 0
    cancelled: int = 0
    steps_done: int = 0
    steps_total: int = 0
    sent_back: int = 0
    lead_days: int = 0


@dataclass(slots=True)
class DueDay(Tally):
    """What is open and due on a day: `runs` that are next due then (`legal_runs` by law), and steps."""

    table: ClassVar[str] = "due_day"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "department", "confidential", "due")
    tenant_id: str
    procedure_id: str
    department: str
    confidential: bool
    due: date
    runs: int = 0
    legal_runs: int = 0
    steps: int = 0
    legal_steps: int = 0


NOW_TALLIES = (RunCount, DueDay)


def counts_now(rows: Rows, run: RunProgress) -> Iterator[Tally]:
    """A run, and what of it is open and due: a row for each day, however many steps are due then."""
    yield _count(run)
    if run.status != "open" or run.next_due is None:
        return
    days: dict[date, DueDay] = {}
    for step in rows.all(StepProgress):
        if step.open_due is not None:
            day = days.get(step.open_due)
            if day is None:
                day = days[step.open_due] = DueDay(*_whose(run), step.open_due)
            day.steps += 1
            day.legal_steps += step.legal
    # Both are days on which some open step is due.
    days[run.next_due].runs = 1
    if run.next_legal_due is not None:
        days[run.next_legal_due].legal_runs = 1
    yield from days.values()


def _count(run: RunProgress) -> RunCount:
    of = RunCount(*_whose(run), run.procedure_version, run.title, sent_back=run.sent_back)
    if run.finished_on is None:
        of.open, of.steps_done, of.steps_total = 1, run.done + run.skipped, run.total
    elif run.status == "completed":
        of.completed, of.lead_days = 1, (run.finished_on - run.started_on).days
    else:
        of.cancelled = 1
    return of


def _whose(run: RunProgress) -> tuple[str, str, str, bool]:
    return run.tenant_id, run.procedure_id, run.department, run.confidential
