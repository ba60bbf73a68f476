"""Where runs wait now: steps that are ready, step by step or role by role, and for how long."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import OF_DEPARTMENT, OF_PROCEDURE, STEP_WAITING
from queries.theirs import PARTS, summed_for
from queries.weeks import HOUR

By = Literal["step", "role"]

WAITED = "greatest(0, extract(epoch FROM %(at)s::timestamptz) - since / waiting.steps)"
WAITING = f"""
SELECT waiting.procedure_id, coalesce(card.title, '') AS procedure_title, waiting.step_id,
       coalesce(s.title, waiting.step_id, '') AS title, waiting.role, waiting.steps, nobodys,
       {WAITED}::bigint / {HOUR} AS average_hours
FROM (
    SELECT procedure_id, CASE WHEN %(by)s = 'step' THEN step_id END AS step_id, role, sum(steps)::bigint AS steps,
           sum(nobodys)::bigint AS nobodys, sum(since) AS since
    FROM {STEP_WAITING} t WHERE {OF_PROCEDURE} AND {OF_DEPARTMENT} GROUP BY 1, 2, 3 HAVING sum(steps) > 0
) waiting
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = waiting.procedure_id
LEFT JOIN procedure_step s ON s.tenant_id = %(tenant)s AND s.procedure_id = waiting.procedure_id
                          AND s.step_id = waiting.step_id
ORDER BY waiting.steps * {WAITED} DESC, waiting.procedure_id, waiting.step_id, waiting.role
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Ready steps of a procedure, of one step (null: of all) that is its role's to do; `nobodys` have no assignee.

    `average_hours` is since when they are ready, on the average, in whole hours.
    """

    procedure_id: str
    procedure_title: str
    step_id: str | None
    title: str
    role: str
    steps: int
    nobodys: int
    average_hours: int


QUESTION = Question(WAITING, Waiting, ("step_waiting", PARTS, "task", "procedure_card", "procedure_step"))


async def waiting_now(
    ask: Ask,
    tenant: str,
    *,
    at: datetime,
    by: By = "step",
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[Waiting]:
    """Where the most time has been waited by now comes first: steps times how long."""
    parameters = {"at": at, "by": by, "procedure": procedure, "department": department, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
