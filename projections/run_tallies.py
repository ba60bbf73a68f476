"""What runs add up to, by procedure and week: the figures of flow that are about whole runs (docs/measures.md).

Weeks begin on Monday and are named by it. Days are counted by the calendar of the company, as events say them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import ClassVar

from projections.engine import Rows, Tally
from projections.now_tallies import counts_now
from projections.progress_tables import RunProgress
from projections.run_parts import counts_of_parts

TALLY_DDL = """
CREATE TABLE run_week (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    week date NOT NULL, started bigint NOT NULL, completed bigint NOT NULL, cancelled bigint NOT NULL,
    due bigint NOT NULL, on_time bigint NOT NULL, legal_due bigint NOT NULL, legal_on_time bigint NOT NULL,
    clean bigint NOT NULL, PRIMARY KEY (tenant_id, week, procedure_id, department, confidential))
    WITH (fillfactor = 70);
CREATE TABLE run_days (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, department text NOT NULL, confidential boolean NOT NULL,
    week date NOT NULL, measure text NOT NULL, days int NOT NULL, runs bigint NOT NULL,
    PRIMARY KEY (tenant_id, week, procedure_id, measure, days, department, confidential)) WITH (fillfactor = 70);
"""


@dataclass(slots=True)
class RunWeek(Tally):
    """Runs that were started or came to an end in a week.

    Of those completed: `due` had something done under a due date, `on_time` nothing of it late, the same for legal
    ones; `clean` never had work go back.
    """

    table: ClassVar[str] = "run_week"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "department", "confidential", "week")
    tenant_id: str
    procedure_id: str
    department: str
    confidential: bool
    week: date
    started: int = 0
    completed: int = 0
    cancelled: int = 0
    due: int = 0
    on_time: int = 0
    legal_due: int = 0
    legal_on_time: int = 0
    clean: int = 0


@dataclass(slots=True)
class RunDays(Tally):
    """How many completed runs took how many days: `lead` from their start, `cycle` from the first step done."""

    table: ClassVar[str] = "run_days"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "department", "confidential", "week", "measure", "days")
    tenant_id: str
    procedure_id: str
    department: str
    confidential: bool
    week: date
    measure: str
    days: int
    runs: int


TALLIES = (RunWeek, RunDays)


@lru_cache(maxsize=4_096)
def monday(day: date) -> date:
    """The first day of a day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def stands_for(rows: Rows) -> Iterator[Tally]:
    """What a run is now; its start, its end, and how long it took."""
    run = rows.get(RunProgress)
    if run is None:
        return
    yield from counts_now(rows, run)
    yield from counts_of_parts(rows, run)
    yield RunWeek(*_whose(run), monday(run.started_on), started=1)
    if run.finished_on is None:
        return
    week = monday(run.finished_on)
    if run.status == "cancelled":
        yield RunWeek(*_whose(run), week, cancelled=1)
        return
    yield _completed(run, week)
    yield RunDays(*_whose(run), week, "lead", (run.finished_on - run.started_on).days, 1)
    if run.first_done_on is not None:
        yield RunDays(*_whose(run), week, "cycle", (run.finished_on - run.first_done_on).days, 1)


def _whose(run: RunProgress) -> tuple[str, str, str, bool]:
    return run.tenant_id, run.procedure_id, run.department, run.confidential


def _completed(run: RunProgress, week: date) -> RunWeek:
    return RunWeek(
        *_whose(run),
        week,
        completed=1,
        due=int(run.due_done > 0),
        on_time=int(run.due_done > 0 and run.late_done == 0),
        legal_due=int(run.legal_due_done > 0),
        legal_on_time=int(run.legal_due_done > 0 and run.legal_late_done == 0),
        clean=int(run.sent_back + run.reopened == 0),
    )
