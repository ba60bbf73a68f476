"""Dependence on one person (属人化), step by step: who ever did it, and since when nobody else has."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import OF_DEPARTMENT, STEP_DOERS
from queries.theirs import PARTS, SEEN

MANY = 20
# Whoever did it last beside the first one is found by one look into an index for each person; where they are many, by
# going back until somebody else did it, which is not far then.
STEPS = f"""
WITH doers AS (
    SELECT step_id, by, sum(times::int) AS times,
           row_number() OVER (PARTITION BY step_id ORDER BY sum(times::int) DESC, by) AS place
    FROM {STEP_DOERS} t WHERE procedure_id = %(procedure)s::uuid AND {OF_DEPARTMENT}
    GROUP BY step_id, by
)
SELECT t.step_id, coalesce(s.title, t.step_id) AS title, t.people, t.times, t.first, p.name AS first_name,
       t.first_times, round(100.0 * t.first_times / t.times, 1)::float AS first_percent, others.last_at AS other_last_at
FROM (
    SELECT step_id, count(*)::int AS people, sum(times)::bigint AS times,
           max(times) FILTER (WHERE place = 1) AS first_times,
           (array_agg(by) FILTER (WHERE place = 1))[1] AS first
    FROM doers GROUP BY step_id
) t
CROSS JOIN LATERAL (SELECT CASE WHEN t.people > {MANY} THEN (
    SELECT ended_at FROM step_turn
    WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid AND step_id = t.step_id
      AND lead_days IS NOT NULL AND by <> t.first AND {OF_DEPARTMENT} AND {SEEN}
    ORDER BY seq DESC LIMIT 1
) ELSE (
    SELECT max(last.ended_at) FROM doers d CROSS JOIN LATERAL (
        SELECT ended_at FROM step_turn
        WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid AND step_id = d.step_id AND by = d.by
          AND lead_days IS NOT NULL AND {OF_DEPARTMENT} AND {SEEN}
        ORDER BY seq DESC LIMIT 1) last
    WHERE d.step_id = t.step_id AND d.place > 1
) END AS last_at) others
LEFT JOIN procedure_step s ON s.tenant_id = %(tenant)s AND s.procedure_id = %(procedure)s::uuid
                          AND s.step_id = t.step_id
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.first
ORDER BY t.people, first_percent DESC, t.step_id
"""


@dataclass(frozen=True, slots=True)
class StepDependence:
    """How many people ever did a step, how much of it the first of them, and when somebody else last did."""

    step_id: str
    title: str
    people: int
    times: int
    first: str
    first_name: str | None
    first_times: int
    first_percent: float
    other_last_at: datetime | None


QUESTION = Question(STEPS, StepDependence, ("step_doer", PARTS, "step_turn", "procedure_step"), ("person",))


async def dependence(
    ask: Ask,
    tenant: str,
    *,
    procedure: str,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[StepDependence]:
    """One row for each step that was ever done, in runs that `viewer` may see; the most dependent first."""
    parameters = {"procedure": procedure, "department": department, **seen_by(viewer)}
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
