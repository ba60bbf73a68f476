"""Dependence on one person (属人化), procedure by procedure."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import DOERS_READ, OF_DEPARTMENT
from queries.theirs import SHARED, THEIRS, summed_for

# Most steps were done in one department, all confidentially or not at all: each row is a person then. Of `mixed` ones
# it is not, nor of those that the viewer has runs of their own of: there rows are put together person by person.
PROCEDURES = f"""
WITH shared AS MATERIALIZED (
    SELECT procedure_id, step_id, count(*) AS people, sum(times::int) AS times, max(times) AS most
    FROM step_doer WHERE tenant_id = %(tenant)s AND {SHARED} AND {OF_DEPARTMENT}
    GROUP BY procedure_id, step_id, department, confidential
), theirs AS MATERIALIZED (
    SELECT procedure_id, step_id, by, count(*) AS times FROM step_turn
    WHERE tenant_id = %(tenant)s AND lead_days IS NOT NULL AND by IS NOT NULL AND {THEIRS} AND {OF_DEPARTMENT}
    GROUP BY procedure_id, step_id, by
), mixed AS MATERIALIZED (
    SELECT procedure_id, step_id FROM shared GROUP BY procedure_id, step_id HAVING count(*) > 1
    UNION SELECT procedure_id, step_id FROM theirs
), one_by_one AS (
    SELECT procedure_id, step_id, by, sum(times) AS times FROM (
        SELECT mixed.procedure_id, mixed.step_id, d.by, d.times FROM mixed CROSS JOIN LATERAL (
            SELECT by, times FROM step_doer
            WHERE tenant_id = %(tenant)s AND procedure_id = mixed.procedure_id AND step_id = mixed.step_id
              AND {SHARED} AND {OF_DEPARTMENT} OFFSET 0) d
        WHERE (mixed.procedure_id, mixed.step_id) IN (SELECT procedure_id, step_id FROM shared)
        UNION ALL TABLE theirs) one
    GROUP BY procedure_id, step_id, by
), step AS (
    SELECT procedure_id, people, times, most FROM shared
    WHERE NOT EXISTS (SELECT FROM mixed m WHERE m.procedure_id = shared.procedure_id AND m.step_id = shared.step_id)
    UNION ALL
    SELECT procedure_id, count(*), sum(times), max(times) FROM one_by_one GROUP BY procedure_id, step_id
)
SELECT t.procedure_id, coalesce(card.title, '') AS title, t.steps, t.only_one, t.times, t.first_times,
       round(100.0 * t.first_times / t.times, 1)::float AS first_percent
FROM (
    SELECT procedure_id, count(*)::int AS steps, (count(*) FILTER (WHERE people = 1))::int AS only_one,
           sum(times)::bigint AS times, sum(most)::bigint AS first_times
    FROM step GROUP BY procedure_id
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
