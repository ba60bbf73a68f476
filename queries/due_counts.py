"""How much is overdue and due soon, procedure by procedure; deadlines set by law apart too."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.open_steps import OPEN_READ, OPEN_STEPS, ByRule
from queries.seen import Viewer, seen_by

COUNTS = f"""
SELECT t.procedure_id, coalesce(card.title, '') AS procedure_title, t.department, t.legal_overdue, t.legal_soon,
       t.overdue, t.soon, t.earliest
FROM (
    SELECT procedure_id, department, count(*) FILTER (WHERE legal AND due < %(today)s::date)::int AS legal_overdue,
           count(*) FILTER (WHERE legal AND due >= %(today)s::date)::int AS legal_soon,
           count(*) FILTER (WHERE due < %(today)s::date)::int AS overdue,
           count(*) FILTER (WHERE due >= %(today)s::date)::int AS soon, min(due) AS earliest
    FROM {OPEN_STEPS} o
    WHERE (%(procedure)s::uuid IS NULL OR procedure_id = %(procedure)s::uuid)
      AND (%(department)s::text IS NULL OR department = %(department)s::text)
    GROUP BY procedure_id, department
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


QUESTION = Question(COUNTS, DueCount, OPEN_READ, ("procedure_card",))


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
        **ByRule().parameters,
        "procedure": procedure,
        "department": department,
        **seen_by(viewer),
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
