"""How much is overdue and due soon, procedure by procedure; deadlines set by law apart too."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import DUE_DAYS, OF_DEPARTMENT, OF_PROCEDURE
from queries.theirs import PARTS, summed_for

COUNTS = f"""
SELECT t.procedure_id, coalesce(card.title, '') AS procedure_title, t.department, t.legal_overdue, t.legal_soon,
       t.overdue, t.soon, t.earliest
FROM (
    SELECT procedure_id, department,
           coalesce(sum(legal_steps) FILTER (WHERE due < %(today)s::date), 0)::int AS legal_overdue,
           coalesce(sum(legal_steps) FILTER (WHERE due >= %(today)s::date), 0)::int AS legal_soon,
           coalesce(sum(steps) FILTER (WHERE due < %(today)s::date), 0)::int AS overdue,
           coalesce(sum(steps) FILTER (WHERE due >= %(today)s::date), 0)::int AS soon,
           min(due) FILTER (WHERE steps > 0) AS earliest
    FROM {DUE_DAYS} d
    WHERE due BETWEEN %(since)s::date AND %(until)s::date AND {OF_PROCEDURE} AND {OF_DEPARTMENT}
    GROUP BY procedure_id, department HAVING sum(steps) > 0
) t
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = t.procedure_id
ORDER BY t.legal_overdue DESC, t.overdue DESC, t.legal_soon DESC, t.earliest, t.procedure_id, t.department
"""


@dataclass(frozen=True, slots=True)
class DueCount:
    """Open steps of a procedure in a department that are overdue, or due until the day asked for; legal ones within."""

    procedure_id: str
    procedure_title: str
    department: str
    legal_overdue: int
    legal_soon: int
    overdue: int
    soon: int
    earliest: date


QUESTION = Question(COUNTS, DueCount, ("due_day", PARTS, "run_progress", "step_progress"), ("procedure_card",))


async def due_counts(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    since: date,
    until: date,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[DueCount]:
    """One row for each procedure and department with such a step; the most legal deadlines missed first."""
    parameters = {
        "today": today,
        "since": since,
        "until": until,
        "procedure": procedure,
        "department": department,
        **seen_by(viewer),
    }
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
