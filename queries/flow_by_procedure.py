"""Flow by procedure: how many runs were started and completed in some weeks, and how long they took."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import (
    IN_WEEKS,
    OF_DEPARTMENT,
    OF_PROCEDURE,
    RUN_DAYS,
    RUN_WEEKS,
    RUNS_READ,
    percentiles,
)
from queries.theirs import summed_for
from queries.weeks import Weeks

WHERE = f"{IN_WEEKS} AND {OF_PROCEDURE} AND {OF_DEPARTMENT}"
DAYS = f"{RUN_DAYS} d WHERE {WHERE}"

FLOW = f"""
WITH runs AS (
    SELECT procedure_id, sum(started)::bigint AS started, sum(completed)::bigint AS completed,
           sum(cancelled)::bigint AS cancelled
    FROM {RUN_WEEKS} w WHERE {WHERE} GROUP BY procedure_id
), took AS ({percentiles("procedure_id, measure", "days", "runs", DAYS)})
SELECT runs.procedure_id, coalesce(card.title, '') AS title, coalesce(card.department, '') AS department,
       started, completed, cancelled, lead.p50 AS lead_p50, lead.p85 AS lead_p85, lead.p95 AS lead_p95,
       cycle.p50 AS cycle_p50, cycle.p85 AS cycle_p85, cycle.p95 AS cycle_p95
FROM runs
LEFT JOIN took lead ON lead.procedure_id = runs.procedure_id AND lead.measure = 'lead'
LEFT JOIN took cycle ON cycle.procedure_id = runs.procedure_id AND cycle.measure = 'cycle'
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = runs.procedure_id
ORDER BY lead.p85 DESC NULLS LAST, completed DESC, runs.procedure_id
"""


@dataclass(frozen=True, slots=True)
class ProcedureFlow:
    """Runs of a procedure. Lead and cycle times are in whole days, of the completed ones; null where there is none."""

    procedure_id: str
    title: str
    department: str
    started: int
    completed: int
    cancelled: int
    lead_p50: int | None
    lead_p85: int | None
    lead_p95: int | None
    cycle_p50: int | None
    cycle_p85: int | None
    cycle_p95: int | None


QUESTION = Question(FLOW, ProcedureFlow, (*RUNS_READ, "procedure_card"))


async def flow_by_procedure(
    ask: Ask,
    tenant: str,
    *,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[ProcedureFlow]:
    """One row for each procedure with a start or an end in these weeks that `viewer` may see; the slowest first."""
    parameters = {"procedure": procedure, "department": department, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
