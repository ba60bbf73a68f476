"""On time: what was done by its due date, of steps and of whole runs; what the law sets apart."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import IN_WEEKS, OF_DEPARTMENT, OF_PROCEDURE, RUN_WEEKS, STEP_WEEKS, STEPS_READ
from queries.theirs import summed_for
from queries.weeks import Weeks

WHERE = f"{IN_WEEKS} AND {OF_PROCEDURE} AND {OF_DEPARTMENT}"

ON_TIME = f"""
WITH steps AS (
    SELECT procedure_id, sum(due)::bigint AS due, sum(late)::bigint AS late, sum(legal_due)::bigint AS legal_due,
           sum(legal_late)::bigint AS legal_late
    FROM {STEP_WEEKS} w WHERE {WHERE} GROUP BY procedure_id
), runs AS (
    SELECT procedure_id, sum(completed)::bigint AS completed, sum(clean)::bigint AS clean, sum(due)::bigint AS due,
           sum(on_time)::bigint AS on_time, sum(legal_due)::bigint AS legal_due,
           sum(legal_on_time)::bigint AS legal_on_time
    FROM {RUN_WEEKS} w WHERE {WHERE} GROUP BY procedure_id
)
SELECT t.*, coalesce(card.title, '') AS title, coalesce(card.department, '') AS department,
       round(100.0 * steps_on_time / nullif(steps_due, 0), 1)::float8 AS steps_percent,
       round(100.0 * runs_on_time / nullif(runs_due, 0), 1)::float8 AS runs_percent
FROM (
    SELECT procedure_id, coalesce(steps.due, 0) AS steps_due, coalesce(steps.due - late, 0) AS steps_on_time,
           coalesce(steps.legal_due, 0) AS legal_steps_due,
           coalesce(steps.legal_due - legal_late, 0) AS legal_steps_on_time,
           coalesce(completed, 0) AS runs_completed, coalesce(clean, 0) AS runs_clean,
           coalesce(runs.due, 0) AS runs_due, coalesce(on_time, 0) AS runs_on_time,
           coalesce(runs.legal_due, 0) AS legal_runs_due, coalesce(legal_on_time, 0) AS legal_runs_on_time
    FROM steps FULL JOIN runs USING (procedure_id) WHERE steps.due > 0 OR completed > 0
) t
LEFT JOIN procedure_card card ON card.tenant_id = %(tenant)s AND card.procedure_id = t.procedure_id
ORDER BY steps_percent NULLS LAST, runs_percent NULLS LAST, t.procedure_id
"""


@dataclass(frozen=True, slots=True)
class OnTime:
    """What was done in these weeks under a due date, and by it. `legal_` is the part whose deadline the law sets.

    A run counts when it was completed; it is on time when nothing in it was done late, clean when no work went back.
    """

    procedure_id: str
    title: str
    department: str
    steps_due: int
    steps_on_time: int
    legal_steps_due: int
    legal_steps_on_time: int
    runs_completed: int
    runs_clean: int
    runs_due: int
    runs_on_time: int
    legal_runs_due: int
    legal_runs_on_time: int
    steps_percent: float | None
    runs_percent: float | None


QUESTION = Question(ON_TIME, OnTime, ("run_week", "run_progress", *STEPS_READ, "procedure_card"))


async def on_time(
    ask: Ask,
    tenant: str,
    *,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[OnTime]:
    """One row for each procedure with something to tell that `viewer` may see; the least punctual first."""
    parameters = {"procedure": procedure, "department": department, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
