"""Load: how many open steps each person has in each department, how many are late, and how many are due this week."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.weeks import week_end

LOAD = """
SELECT t.assignee AS member, p.name, t.department, count(*)::int AS open,
       count(*) FILTER (WHERE t.due < %(today)s)::int AS overdue,
       count(*) FILTER (WHERE t.due BETWEEN %(today)s AND %(week_end)s)::int AS due_this_week,
       count(*) FILTER (WHERE t.approval)::int AS approvals
FROM task t LEFT JOIN person p ON p.tenant_id = t.tenant_id AND p.member_id = t.assignee
WHERE t.tenant_id = %(tenant)s AND t.assignee IS NOT NULL
  AND (%(member)s::uuid IS NULL OR t.assignee = %(member)s::uuid)
  AND (%(department)s::text IS NULL OR t.department = %(department)s::text)
GROUP BY t.assignee, p.name, t.department
ORDER BY sum(count(*)) OVER (PARTITION BY t.assignee) DESC, p.name, t.assignee, t.department
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
