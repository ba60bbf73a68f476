"""Overdue and due soon: open steps by their due dates, those that a law sets first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.open_steps import OPEN_READ, OPEN_STEPS, ByRule
from queries.seen import Viewer, seen_by
from queries.theirs import listed_for

DuePlace = tuple[bool, date, str, str]
"""Where it stands in the list: whether a law sets its due date, that date, its run and step."""

DUE = f"""
SELECT t.run_id, r.title AS run_title, r.subject, t.procedure_id, t.department, t.step_id, t.title, t.role,
       t.status, t.assignee, t.member, p.name AS member_name, t.due, t.legal, t.due - %(today)s::date AS days_left,
       sign(t.due - %(today)s::date)::int * (
           SELECT count(*)::int FROM generate_series(least(t.due, %(today)s::date) + 1,
                                                     greatest(t.due, %(today)s::date), interval '1 day') day
           WHERE extract(isodow FROM day) < 6 AND NOT day::date = ANY (%(holidays)s::date[])) AS business_days_left
FROM (
    SELECT * FROM {OPEN_STEPS} o
    WHERE (%(procedure)s::uuid IS NULL OR procedure_id = %(procedure)s::uuid)
      AND (%(department)s::text IS NULL OR department = %(department)s::text)
      AND (%(member)s::uuid IS NULL OR member = %(member)s::uuid)
      AND (%(legal)s::boolean IS NULL OR legal = %(legal)s::boolean)
      AND (%(after_run)s::uuid IS NULL OR legal < %(after_legal)s::boolean
           OR (legal = %(after_legal)s::boolean AND (due, run_id, step_id)
               > (%(after_due)s::date, %(after_run)s::uuid, %(after_step)s::text)))
    ORDER BY legal DESC, due, run_id, step_id LIMIT %(limit)s
) t
LEFT JOIN run_progress r ON r.tenant_id = %(tenant)s AND r.run_id = t.run_id
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.member
ORDER BY t.legal DESC, t.due, t.run_id, t.step_id
"""


@dataclass(frozen=True, slots=True)
class DueStep:
    """An open step that is due. The days left from the day asked are below 0 when it is overdue.

    `member` is its assignee, or whose it will be by rule while it waits.
    """

    run_id: str
    run_title: str | None
    subject: str | None
    procedure_id: str
    department: str
    step_id: str
    title: str
    role: str
    status: str
    assignee: str | None
    member: str | None
    member_name: str | None
    due: date
    legal: bool
    days_left: int
    business_days_left: int

    @property
    def after(self) -> DuePlace:
        """Where the next page begins when this is the last step of a page."""
        return self.legal, self.due, self.run_id, self.step_id


QUESTION = Question(DUE, DueStep, OPEN_READ, ("run_progress", "person"))


async def due_steps(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    since: date,
    until: date,
    by_rule: ByRule,
    holidays: Sequence[date] = (),
    procedure: str | None = None,
    department: str | None = None,
    member: str | None = None,
    legal: bool | None = None,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: DuePlace | None = None,
    as_of: AsOf | None = None,
) -> list[DueStep]:
    """At most `limit` steps beyond `after` that are due from `since` to `until`, of runs that `viewer` may see.

    `holidays` are those that no business day falls on.
    """
    after_legal, after_due, after_run, after_step = after or (None, None, None, None)
    parameters = {
        "today": today,
        "since": since,
        "until": until,
        "holidays": list(holidays),
        **by_rule.parameters,
        "procedure": procedure,
        "department": department,
        "member": member,
        "legal": legal,
        "after_legal": after_legal,
        "after_due": after_due,
        "after_run": after_run,
        "after_step": after_step,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(listed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
