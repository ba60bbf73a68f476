"""Where runs wait now, and for whom: steps that are ready, by step, by role or by assignee."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by, summed_for
from queries.tallied import OF_DEPARTMENT, OF_PROCEDURE, STEP_WAITING, WAITING_READS
from queries.weeks import HOUR

By = Literal["step", "role", "assignee"]
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"

WAITING = f"""
SELECT waiting.procedure_id, coalesce(card.title, '') AS procedure_title, waiting.step_id,
       coalesce(s.title, waiting.step_id, '') AS title, waiting.role, waiting.assignee, p.name AS assignee_name,
       waiting.steps, nobodys,
       greatest(0, extract(epoch FROM %(at)s::timestamptz) - since / waiting.steps)::bigint / {HOUR} AS average_hours
FROM (
    SELECT CASE WHEN %(by)s = 'assignee' THEN NULL ELSE procedure_id END AS procedure_id,
           CASE WHEN %(by)s = 'step' THEN step_id END AS step_id,
           CASE WHEN %(by)s <> 'assignee' THEN role END AS role,
           CASE WHEN %(by)s = 'assignee' THEN nullif(assignee, {NOBODY}) END AS assignee,
           sum(steps)::bigint AS steps, coalesce(sum(steps) FILTER (WHERE assignee = {NOBODY}), 0)::bigint AS nobodys,
           sum(since) AS since
    FROM {STEP_WAITING} t WHERE {OF_PROCEDURE} AND {OF_DEPARTMENT} GROUP BY 1, 2, 3, 4 HAVING sum(steps) > 0
) waiting
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = waiting.procedure_id
LEFT JOIN procedure_step s ON s.tenant_id = %(tenant)s AND s.procedure_id = waiting.procedure_id
                          AND s.step_id = waiting.step_id
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = waiting.assignee
ORDER BY waiting.steps * greatest(0, extract(epoch FROM %(at)s::timestamptz) - since / waiting.steps) DESC,
         waiting.procedure_id, waiting.step_id, waiting.role, waiting.assignee
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Ready steps. Who they are for is said by the columns that were asked for; the others are null.

    `nobodys` of them have no assignee. `average_hours` is since when they are ready, on the average, in whole hours.
    """

    procedure_id: str | None
    procedure_title: str
    step_id: str | None
    title: str
    role: str | None
    assignee: str | None
    assignee_name: str | None
    steps: int
    nobodys: int
    average_hours: int


QUESTION = Question(WAITING, Waiting, (*WAITING_READS, "procedure_card", "procedure_step", "person"))


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
