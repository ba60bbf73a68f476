"""Flow by step of one procedure: how long each took from ready to done, and from the run's start."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import IN_WEEKS, STEP_TIMES, STEP_WEEKS, STEPS_READ, percentiles
from queries.theirs import summed_for
from queries.weeks import Weeks

WHERE = f"{IN_WEEKS} AND procedure_id = %(procedure)s::uuid"
TIMES = f"{STEP_TIMES} t WHERE {WHERE}"

FLOW = f"""
WITH steps AS (
    SELECT step_id, sum(done)::bigint AS done FROM {STEP_WEEKS} w WHERE {WHERE} GROUP BY step_id HAVING sum(done) > 0
), took AS ({percentiles("step_id, measure", "value", "turns", TIMES)})
SELECT steps.step_id, coalesce(s.title, steps.step_id) AS title, coalesce(s.place, 0) AS place, done,
       cycle.p50 AS cycle_p50, cycle.p85 AS cycle_p85, cycle.p95 AS cycle_p95,
       lead.p50 AS lead_p50, lead.p85 AS lead_p85, lead.p95 AS lead_p95
FROM steps
LEFT JOIN took cycle ON cycle.step_id = steps.step_id AND cycle.measure = 'cycle'
LEFT JOIN took lead ON lead.step_id = steps.step_id AND lead.measure = 'lead'
LEFT JOIN procedure_step s
       ON s.tenant_id = %(tenant)s AND s.procedure_id = %(procedure)s::uuid AND s.step_id = steps.step_id
ORDER BY place, steps.step_id
"""


@dataclass(frozen=True, slots=True)
class StepFlow:
    """How long a step took each time that it was done.

    `cycle` is from ready to done, in whole hours below two days and whole days (as hours) beyond; `lead` from the start
    of the run, in whole days.
    """

    step_id: str
    title: str
    place: int
    done: int
    cycle_p50: int
    cycle_p85: int
    cycle_p95: int
    lead_p50: int
    lead_p85: int
    lead_p95: int


QUESTION = Question(FLOW, StepFlow, (*STEPS_READ, "step_time", "procedure_step"))


async def flow_by_step(
    ask: Ask, tenant: str, *, procedure: str, weeks: Weeks, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> list[StepFlow]:
    """One row for each step that was done in these weeks in a run that `viewer` may see, in the procedure's order."""
    parameters = {"procedure": procedure, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
