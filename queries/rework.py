"""Rework: how often work came back to a step to be done again, and why."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import IN_WEEKS, OF_DEPARTMENT, OF_PROCEDURE, STEP_WEEKS, STEPS_READ
from queries.theirs import summed_for
from queries.weeks import Weeks

REWORK = f"""
SELECT t.procedure_id, coalesce(card.title, '') AS procedure_title, t.step_id, coalesce(s.title, t.step_id) AS title,
       done, sent_back, rejected, reopened, rejecting, sent_back + rejected + reopened AS returned,
       round(100.0 * (sent_back + rejected + reopened) / nullif(done, 0), 1)::float8 AS returned_percent
FROM (
    SELECT procedure_id, step_id, sum(done)::bigint AS done, sum(sent_back)::bigint AS sent_back,
           sum(rejected)::bigint AS rejected, sum(reopened)::bigint AS reopened, sum(rejecting)::bigint AS rejecting
    FROM {STEP_WEEKS} w WHERE {IN_WEEKS} AND {OF_PROCEDURE} AND {OF_DEPARTMENT}
    GROUP BY procedure_id, step_id HAVING sum(sent_back + rejected + reopened + rejecting) > 0
) t
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = t.procedure_id
LEFT JOIN procedure_step s ON s.tenant_id = %(tenant)s AND s.procedure_id = t.procedure_id AND s.step_id = t.step_id
ORDER BY returned DESC, rejecting DESC, t.procedure_id, t.step_id
"""


@dataclass(frozen=True, slots=True)
class ReworkAt:
    """Work that came back to a step in these weeks: sent back, rejected by an approval further on, or reopened.

    `returned` is all of it, `returned_percent` its share in how often the step was done then; null when it was not.
    `rejecting` is how often the step itself, an approval, was refused.
    """

    procedure_id: str
    procedure_title: str
    step_id: str
    title: str
    done: int
    sent_back: int
    rejected: int
    reopened: int
    rejecting: int
    returned: int
    returned_percent: float | None


QUESTION = Question(REWORK, ReworkAt, (*STEPS_READ, "procedure_card", "procedure_step"))


async def rework(
    ask: Ask,
    tenant: str,
    *,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[ReworkAt]:
    """One row for each step with rework in these weeks that `viewer` may see; the one with the most first."""
    parameters = {"procedure": procedure, "department": department, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
