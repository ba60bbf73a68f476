"""Progress of each procedure: how many of its runs are open, late, due this week or closed."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.progress import COUNTS, DUES, UNTIL_NOW
from queries.seen import Viewer, seen_by
from queries.tallied import DUE_DAYS, NOW_READ, OF_DEPARTMENT, RUN_COUNTS
from queries.theirs import summed_for
from queries.weeks import week_end

PROCEDURES = f"""
SELECT r.procedure_id, r.title, r.department, r.open, coalesce(d.late, 0) AS late,
       coalesce(d.late_legal, 0) AS late_legal, coalesce(d.due_this_week, 0) AS due_this_week, r.completed,
       r.cancelled, r.steps_done, r.steps_total, r.sent_back, r.average_days
FROM (
    SELECT procedure_id, (array_agg(title ORDER BY procedure_version DESC))[1] AS title,
           (array_agg(department ORDER BY procedure_version DESC))[1] AS department, {COUNTS}
    FROM {RUN_COUNTS} c WHERE {OF_DEPARTMENT} GROUP BY procedure_id
) r
LEFT JOIN (SELECT procedure_id, {DUES} FROM {DUE_DAYS} t WHERE {UNTIL_NOW} AND {OF_DEPARTMENT} GROUP BY procedure_id) d
       ON d.procedure_id = r.procedure_id
ORDER BY late DESC, r.open DESC, r.title, r.procedure_id
"""


@dataclass(frozen=True, slots=True)
class ProcedureProgress:
    """Runs of one procedure, counted. Steps are those of its open runs; `average_days` from start to completion."""

    procedure_id: str
    title: str
    department: str
    open: int
    late: int
    late_legal: int
    due_this_week: int
    completed: int
    cancelled: int
    steps_done: int
    steps_total: int
    sent_back: int
    average_days: float | None


QUESTION = Question(PROCEDURES, ProcedureProgress, NOW_READ)


async def progress_by_procedure(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[ProcedureProgress]:
    """One row for each procedure with a run that `viewer` may see, the one with the most late runs first."""
    parameters = {"today": today, "week_end": week_end(today), "department": department, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
