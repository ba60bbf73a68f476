"""Progress of each department: how many runs of its procedures are open, late, due this week or closed."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, asked_by, seen_by
from queries.weeks import week_end

DEPARTMENTS = f"""
SELECT run_progress.department, coalesce(d.title, run_progress.department) AS title,
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
LEFT JOIN department d ON d.tenant_id = %(tenant)s AND d.department = run_progress.department
WHERE run_progress.tenant_id = %(tenant)s
  AND {RUN_SEEN}
GROUP BY run_progress.department, d.title ORDER BY late DESC, open DESC, run_progress.department
"""


@dataclass(frozen=True, slots=True)
class DepartmentProgress:
    """Runs of one department's procedures, counted. Steps are those of its open runs."""

    department: str
    title: str
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


QUESTION = Question(DEPARTMENTS, DepartmentProgress, ("run_progress", "step_progress", "department"))


async def progress_by_department(
    ask: Ask, tenant: str, *, today: date, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> list[DepartmentProgress]:
    """One row for each department that ever had a run that `viewer` may see, the one with the most late runs first."""
    parameters = {"today": today, "week_end": week_end(today), **seen_by(viewer)}
    return await ask(asked_by(viewer, QUESTION), tenant, parameters, as_of=as_of)
