"""Load: how many open steps each person has in each department, how many are late, and how many are due this week."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.weeks import week_end

LOAD = """
SELECT t.member, p.name, t.department, t.open, t.overdue, t.due_this_week, t.approvals
FROM (
    SELECT assignee AS member, department, count(*)::int AS open,
           count(*) FILTER (WHERE due < %(today)s::date)::int AS overdue,
           count(*) FILTER (WHERE due BETWEEN %(today)s::date AND %(week_end)s::date)::int AS due_this_week,
           count(*) FILTER (WHERE approval)::int AS approvals,
           sum(count(*)) OVER (PARTITION BY assignee) AS all_open
    FROM task
    WHERE tenant_id = %(tenant)s AND assignee IS NOT NULL
      AND (%(member)s::uuid IS NULL OR assignee = %(member)s::uuid)
      AND (%(department)s::text IS NULL OR department = %(department)s::text)
    GROUP BY assignee, department
) t
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.member
ORDER BY t.all_open DESC, p.name, t.member, t.department
"""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One person's open steps in one department; late and due as seen from the day asked."""

    member: str
    name: str | None
    department: str
    open: int
    overdue: int
    due_this_week: int
    approvals: int


QUESTION = Question(LOAD, LoadRow, ("task",), ("person",))


async def load(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    member: str | None = None,
    department: str | None = None,
    as_of: AsOf | None = None,
) -> list[LoadRow]:
    """The load of everyone who has any, the most loaded first."""
    parameters = {"today": today, "week_end": week_end(today), "member": member, "department": department}
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
