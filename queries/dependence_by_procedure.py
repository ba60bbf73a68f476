"""Dependence on one person (属人化), procedure by procedure."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by, summed_for
from queries.tallied import DOERS_READ, OF_DEPARTMENT, STEP_DOERS

PROCEDURES = f"""
SELECT t.procedure_id, coalesce(card.title, '') AS title, t.steps, t.only_one, t.times, t.first_times,
       round(100.0 * t.first_times / t.times, 1)::float AS first_percent
FROM (
    SELECT procedure_id, count(*)::int AS steps, (count(*) FILTER (WHERE people = 1))::int AS only_one,
           sum(times)::bigint AS times, sum(most)::bigint AS first_times
    FROM (SELECT procedure_id, step_id, count(*) AS people, sum(times) AS times, max(times) AS most
          FROM (SELECT procedure_id, step_id, by, sum(times::int) AS times FROM {STEP_DOERS} d
                WHERE {OF_DEPARTMENT} GROUP BY procedure_id, step_id, by) one
          GROUP BY procedure_id, step_id) step
    GROUP BY procedure_id
) t
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = t.procedure_id
ORDER BY t.only_one DESC, first_percent DESC, t.procedure_id
"""


@dataclass(frozen=True, slots=True)
class ProcedureDependence:
    """Steps that were ever done, those that only one person ever did, and how much the first person of each did."""

    procedure_id: str
    title: str
    steps: int
    only_one: int
    times: int
    first_times: int
    first_percent: float


QUESTION = Question(PROCEDURES, ProcedureDependence, DOERS_READ, ("procedure_card",))


async def dependence_by_procedure(
    ask: Ask, tenant: str, *, department: str | None = None, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> list[ProcedureDependence]:
    """Each procedure of which anything was done, in runs that `viewer` may see; the most dependent first."""
    parameters = {"department": department, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
