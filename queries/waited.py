"""Where runs waited in some weeks: the time between a step being ready and its being over, step by step."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import IN_WEEKS, OF_DEPARTMENT, OF_PROCEDURE, STEP_WEEKS, STEPS_READ
from queries.theirs import summed_for
from queries.weeks import HOUR, Weeks

WAITED = f"""
SELECT t.procedure_id, coalesce(card.title, '') AS procedure_title, t.step_id, coalesce(s.title, t.step_id) AS title,
       coalesce(s.role, '') AS role, coalesce(s.role_title, '') AS role_title, turns, waited / {HOUR} AS waited_hours,
       waited / turns / {HOUR} AS average_hours
FROM (
    SELECT procedure_id, step_id, sum(turns)::bigint AS turns, sum(waited)::bigint AS waited
    FROM {STEP_WEEKS} w WHERE {IN_WEEKS} AND {OF_PROCEDURE} AND {OF_DEPARTMENT}
    GROUP BY procedure_id, step_id HAVING sum(turns) > 0
) t
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = t.procedure_id
LEFT JOIN procedure_step s ON s.tenant_id = %(tenant)s AND s.procedure_id = t.procedure_id AND s.step_id = t.step_id
ORDER BY waited DESC, t.procedure_id, t.step_id
"""


@dataclass(frozen=True, slots=True)
class WaitedAt:
    """A step's turns that ended in these weeks, and how long they had been ready, all together and on the average.

    In whole hours. The role is the one that the newest published version gives the step to.
    """

    procedure_id: str
    procedure_title: str
    step_id: str
    title: str
    role: str
    role_title: str
    turns: int
    waited_hours: int
    average_hours: int


QUESTION = Question(WAITED, WaitedAt, (*STEPS_READ, "procedure_card", "procedure_step"))


async def waited(
    ask: Ask,
    tenant: str,
    *,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[WaitedAt]:
    """One row for each step with a turn that ended then and that `viewer` may see; the longest waits first."""
    parameters = {"procedure": procedure, "department": department, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
