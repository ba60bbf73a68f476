"""My tasks: what a member is to do, and what a holder of their roles may take; overdue first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question

TaskPlace = tuple[date, str, str]
"""Where a task stands in the list: its due date (the last of days when it has none), its run, its step."""

TASKS = """
SELECT * FROM (
    SELECT run_id, step_id, run_title, subject, department, confidential, title, role, assignee, due, legal,
           approval, ready_at, (due < %(today)s) IS TRUE AS late, assignee IS NOT NULL AS mine,
           coalesce(due, date '9999-12-31') AS place
    FROM task
    WHERE tenant_id = %(tenant)s
      AND (assignee = %(member)s::uuid OR (assignee IS NULL AND role = ANY (%(roles)s::text[])))
) t
WHERE %(after_run)s::uuid IS NULL
   OR (place, run_id, step_id) > (%(after_due)s::date, %(after_run)s::uuid, %(after_step)s::text)
ORDER BY place, run_id, step_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A step that is ready. `mine` is False for one that nobody has taken; `late` is seen from the day asked."""

    run_id: str
    step_id: str
    run_title: str
    subject: str
    department: str
    confidential: bool
    title: str
    role: str
    assignee: str | None
    due: date | None
    legal: bool
    approval: bool
    ready_at: datetime
    late: bool
    mine: bool
    place: date

    @property
    def after(self) -> TaskPlace:
        """Where the next page begins when this is the last task of a page."""
        return self.place, self.run_id, self.step_id


QUESTION = Question(TASKS, TaskRow, ("task",))


async def my_tasks(
    ask: Ask,
    tenant: str,
    *,
    member: str,
    roles: Sequence[str],
    today: date,
    limit: int = 100,
    after: TaskPlace | None = None,
    as_of: AsOf | None = None,
) -> list[TaskRow]:
    """At most `limit` tasks beyond `after`; `roles` are those that the member holds."""
    due, run, step = after or (None, None, None)
    parameters = {
        "member": member,
        "roles": list(roles),
        "today": today,
        "limit": limit,
        "after_due": due,
        "after_run": run,
        "after_step": step,
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
