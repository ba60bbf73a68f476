"""The trend over weeks: what was started and completed, what was on time, and the median days it took."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import IN_WEEKS, OF_DEPARTMENT, OF_PROCEDURE, RUN_DAYS, RUN_WEEKS, RUNS_READ, percentiles
from queries.theirs import summed_for
from queries.weeks import Weeks

WHERE = f"{IN_WEEKS} AND {OF_PROCEDURE} AND {OF_DEPARTMENT}"
LEAD = f"{RUN_DAYS} d WHERE {WHERE} AND measure = 'lead'"
CYCLE = f"{RUN_DAYS} d WHERE {WHERE} AND measure = 'cycle'"

TREND = f"""
WITH runs AS (
    SELECT week, sum(started)::bigint AS started, sum(completed)::bigint AS completed,
           sum(cancelled)::bigint AS cancelled, sum(due)::bigint AS due, sum(on_time)::bigint AS on_time,
           sum(legal_due)::bigint AS legal_due, sum(legal_on_time)::bigint AS legal_on_time,
           sum(clean)::bigint AS clean
    FROM {RUN_WEEKS} w WHERE {WHERE} GROUP BY week
), lead AS ({percentiles("week", "days", "runs", LEAD)}), cycle AS ({percentiles("week", "days", "runs", CYCLE)})
SELECT week, coalesce(started, 0) AS started, coalesce(completed, 0) AS completed,
       coalesce(cancelled, 0) AS cancelled, coalesce(clean, 0) AS clean, coalesce(due, 0) AS due,
       coalesce(on_time, 0) AS on_time, coalesce(legal_due, 0) AS legal_due,
       coalesce(legal_on_time, 0) AS legal_on_time, lead.p50 AS lead_p50, lead.p85 AS lead_p85, cycle.p50 AS cycle_p50
FROM (SELECT generate_series(%(first_week)s::date, %(last_week)s::date, interval '7 days')::date AS week) every
LEFT JOIN runs USING (week) LEFT JOIN lead USING (week) LEFT JOIN cycle USING (week)
ORDER BY week
"""


@dataclass(frozen=True, slots=True)
class TrendWeek:
    """A week, named by its Monday: runs that were started, and those that came to an end.

    `due`, `on_time` and their legal parts, `clean`, lead and cycle times (days) are of those completed in it.
    """

    week: date
    started: int
    completed: int
    cancelled: int
    clean: int
    due: int
    on_time: int
    legal_due: int
    legal_on_time: int
    lead_p50: int | None
    lead_p85: int | None
    cycle_p50: int | None


QUESTION = Question(TREND, TrendWeek, RUNS_READ)


async def trend(
    ask: Ask,
    tenant: str,
    *,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[TrendWeek]:
    """Every week asked for, the earliest first, also those in which nothing happened that `viewer` may see."""
    parameters = {"procedure": procedure, "department": department, **weeks.parameters, **seen_by(viewer)}
    return await ask(summed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
