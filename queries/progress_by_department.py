"""Progress of each department: how many runs of its procedures are open, late, due this week or closed."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.progress import COUNTS, DUES, UNTIL_NOW
from queries.seen import Viewer, seen_by
from queries.tallied import DUE_DAYS, NOW_READ, RUN_COUNTS
from queries.theirs import summed_for
from queries.weeks import week_end

DEPARTMENTS = f"""
SELECT r.department, coalesce(named.title, r.department) AS title, r.open, coalesce(d.late, 0) AS late,
       coalesce(d.late_legal, 0) AS late_legal, coalesce(d.due_this_week, 0) AS due_this_week, r.completed,
       r.cancelled, r.steps_done, r.steps_total, r.sent_back, r.average_days
FROM (SELECT department, {COUNTS} FROM {RUN_COUNTS} c GROUP BY department) r
LEFT JOIN (SELECT department, {DUES} FROM {DUE_DAYS} t WHERE {UNTIL_NOW} GROUP BY department) d
       ON d.department = r.department
LEFT JOIN department named ON named.tenant_id = %(tenant)s AND named.department = r.department
ORDER BY late DESC, r.open DESC, r.department
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


QUESTION = Question(DEPARTMENTS, DepartmentProgress, (*NOW_READ, "department"))


async def progress_by_department(
    ask: Ask, tenant: str, *, today: date, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> list[DepartmentProgress]:
    """One row for each department that ever had a run that `viewer` may see, the one with the most late runs first."""
    parameters = {"today": today, "week_end": week_end(today), **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
