"""On time, step by step: how often a step was done by its due date; what the law sets apart."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import IN_WEEKS, OF_DEPARTMENT, OF_PROCEDURE, STEP_WEEKS, STEPS_READ
from queries.theirs import summed_for
from queries.weeks import Weeks

ON_TIME = f"""
SELECT t.procedure_id, coalesce(card.title, '') AS procedure_title, t.step_id, coalesce(s.title, t.step_id) AS title,
       due, due - late AS on_time, legal_due, legal_due - legal_late AS legal_on_time,
       round(100.0 * (due - late) / due, 1)::float8 AS on_time_percent
FROM (
    SELECT procedure_id, step_id, sum(due)::bigint AS due, sum(late)::bigint AS late,
           sum(legal_due)::bigint AS legal_due, sum(legal_late)::bigint AS legal_late
    FROM {STEP_WEEKS} w WHERE {IN_WEEKS} AND {OF_PROCEDURE} AND {OF_DEPARTMENT}
    GROUP BY procedure_id, step_id HAVING sum(due) > 0
) t
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = t.procedure_id
LEFT JOIN procedure_step s ON s.tenant_id = %(tenant)s AND s.procedure_id = t.procedure_id AND s.step_id = t.step_id
ORDER BY legal_late DESC, on_time_percent, t.procedure_id, t.step_id
"""


@dataclass(frozen=True, slots=True)
class StepOnTime:
    """How often a step was done in these weeks under a due date, and by it; `legal_` where the law sets it."""

    procedure_id: str
    procedure_title: str
    step_id: str
    title: str
    due: int
    on_time: int
    legal_due: int
    legal_on_time: int
    on_time_percent: float


QUESTION = Question(ON_TIME, StepOnTime, (*STEPS_READ, "procedure_card", "procedure_step"))


async def on_time_by_step(
    ask: Ask,
    tenant: str,
    *,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[StepOnTime]:
    """One row for each step that was done under a due date and that `viewer` may see; legal lateness first."""
    parameters = {"procedure": procedure, "department": department, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
