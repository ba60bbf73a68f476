"""Load: how many open steps each person has in each department, how many are late, and how many are due this week."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.weeks import week_end

PersonPlace = tuple[int, str]
"""Where a person stands in a list of people, those with the most steps first: how many steps, and who."""

OF_TASKS = """
    tenant_id = %(tenant)s AND assignee IS NOT NULL
    AND (%(member)s::uuid IS NULL OR assignee = %(member)s::uuid)
    AND (%(department)s::text IS NULL OR department = %(department)s::text)"""
LOAD = f"""
WITH people AS MATERIALIZED (
    SELECT assignee AS member, count(*)::int AS all_open FROM task WHERE {OF_TASKS}
    GROUP BY assignee
    HAVING %(after_member)s::uuid IS NULL OR (-count(*), assignee) > (-%(after_steps)s::bigint, %(after_member)s::uuid)
    ORDER BY all_open DESC, assignee LIMIT %(limit)s
)
SELECT t.member, p.name, t.department, t.open, t.overdue, t.due_this_week, t.approvals, t.all_open
FROM (
    SELECT member, all_open, department, count(*)::int AS open,
           count(*) FILTER (WHERE due < %(today)s::date)::int AS overdue,
           count(*) FILTER (WHERE due BETWEEN %(today)s::date AND %(week_end)s::date)::int AS due_this_week,
           count(*) FILTER (WHERE approval)::int AS approvals
    FROM people JOIN task ON assignee = member
    WHERE {OF_TASKS}
    GROUP BY member, all_open, department
) t
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.member
ORDER BY t.all_open DESC, t.member, t.department
"""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One person's open steps in one department, and in all; late and due as seen from the day asked."""

    member: str
    name: str | None
    department: str
    open: int
    overdue: int
    due_this_week: int
    approvals: int
    all_open: int

    @property
    def after(self) -> PersonPlace:
        """Where the next page begins when this is the last person of a page."""
        return self.all_open, self.member


QUESTION = Question(LOAD, LoadRow, ("task",), ("person",))


async def load(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    member: str | None = None,
    department: str | None = None,
    limit: int | None = None,
    after: PersonPlace | None = None,
    as_of: AsOf | None = None,
) -> list[LoadRow]:
    """The load of at most `limit` people beyond `after` who have any, in all of their departments, the most first."""
    steps, last = after or (None, None)
    parameters = {
        "today": today,
        "week_end": week_end(today),
        "member": member,
        "department": department,
        "limit": limit,
        "after_steps": steps,
        "after_member": last,
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
