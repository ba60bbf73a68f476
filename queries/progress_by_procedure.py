"""Progress of each procedure: how many of its runs are open, late, due this week or closed."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, asked_by, seen_by
from queries.weeks import week_end

PROCEDURES = f"""
SELECT procedure_id,
       (array_agg(title ORDER BY procedure_version DESC, run_id))[1] AS title,
       (array_agg(department ORDER BY procedure_version DESC, run_id))[1] AS department,
       count(*) FILTER (WHERE status = 'open') AS open,
       count(*) FILTER (WHERE status = 'open' AND next_due < %(today)s) AS late,
       count(*) FILTER (WHERE status = 'open' AND next_legal_due < %(today)s) AS late_legal,
       count(*) FILTER (WHERE status = 'open' AND next_due BETWEEN %(today)s AND %(week_end)s) AS due_this_week,
       count(*) FILTER (WHERE status = 'completed') AS completed,
       count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
       coalesce(sum(done + skipped) FILTER (WHERE status = 'open'), 0) AS steps_done,
       coalesce(sum(total) FILTER (WHERE status = 'open'), 0) AS steps_total,
       sum(sent_back) AS sent_back,
       round(avg(finished_on - started_on) FILTER (WHERE status = 'completed'), 1) AS average_days
FROM run_progress
WHERE tenant_id = %(tenant)s AND (%(department)s::text IS NULL OR department = %(department)s::text)
  AND {RUN_SEEN}
GROUP BY procedure_id ORDER BY late DESC, open DESC, title, procedure_id
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


QUESTION = Question(PROCEDURES, ProcedureProgress, ("run_progress", "step_progress"))


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
    return await ask(asked_by(viewer, QUESTION), tenant, parameters, as_of=as_of)
