"""Workload to come (平準化): how many open steps are due with each person, week by week, against the median."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.load import PersonPlace
from queries.open_steps import OPEN_READ, OPEN_STEPS, ByRule
from queries.seen import Viewer, seen_by
from queries.theirs import listed_for

TIMES_MEDIAN = 1.5
ABOVE_MEDIAN = 3
"""Somebody is overloaded in a week with at least so many times the median, and so many steps more than it."""

# What is overdue is work of this week. Of a week's people those who have nothing in it come first, and are not listed:
# the median is the value in the middle place, or the mean of both.
WORKLOAD = f"""
WITH theirs AS (
    SELECT member, greatest(due - (extract(isodow FROM due)::int - 1), %(this_week)s::date) AS week,
           count(*)::int AS steps, count(*) FILTER (WHERE status = 'waiting')::int AS waiting,
           count(*) FILTER (WHERE due < %(today)s::date)::int AS overdue,
           count(*) FILTER (WHERE legal)::int AS legal
    FROM {OPEN_STEPS} o
    WHERE member IS NOT NULL AND (%(department)s::text IS NULL OR department = %(department)s::text)
    GROUP BY 1, 2
), places AS (
    SELECT week, steps, people, people - count(*) OVER (PARTITION BY week)
           + row_number() OVER (PARTITION BY week ORDER BY steps) AS place
    FROM theirs CROSS JOIN (SELECT count(DISTINCT member) AS people FROM theirs) p
), medians AS (
    SELECT week, (coalesce(max(steps) FILTER (WHERE place = (people + 1) / 2), 0)
                  + coalesce(max(steps) FILTER (WHERE place = (people + 2) / 2), 0))::float / 2 AS median
    FROM places GROUP BY week
), shown AS (
    SELECT member, sum(steps)::int AS all_steps FROM theirs GROUP BY member
    HAVING %(after_member)s::uuid IS NULL OR (-sum(steps), member) > (-%(after_steps)s::bigint, %(after_member)s::uuid)
    ORDER BY all_steps DESC, member LIMIT %(limit)s
)
SELECT t.member, p.name, t.week, t.steps, t.waiting, t.overdue, t.legal, m.median,
       t.steps >= {TIMES_MEDIAN} * m.median AND t.steps - m.median >= {ABOVE_MEDIAN} AS overloaded, shown.all_steps
FROM shown JOIN theirs t ON t.member = shown.member JOIN medians m ON m.week = t.week
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.member
ORDER BY shown.all_steps DESC, t.member, t.week
"""


@dataclass(frozen=True, slots=True)
class Workload:
    """Open steps that are due with someone in the week from Monday `week`; in the first one, what is overdue too.

    `waiting` of them are not ready, and will be theirs by rule. `median` is of all who have any in these weeks,
    `all_steps` what somebody has in all of them.
    """

    member: str
    name: str | None
    week: date
    steps: int
    waiting: int
    overdue: int
    legal: int
    median: float
    overloaded: bool
    all_steps: int

    @property
    def after(self) -> PersonPlace:
        """Where the next page begins when this is the last person of a page."""
        return self.all_steps, self.member


QUESTION = Question(WORKLOAD, Workload, OPEN_READ, ("person",))


async def workload(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    this_week: date,
    since: date,
    until: date,
    by_rule: ByRule,
    department: str | None = None,
    viewer: Viewer | None = None,
    limit: int | None = None,
    after: PersonPlace | None = None,
    as_of: AsOf | None = None,
) -> list[Workload]:
    """At most `limit` people beyond `after` with such steps, the most loaded first, a row for each of their weeks."""
    steps, last = after or (None, None)
    parameters = {
        "today": today,
        "this_week": this_week,
        "since": since,
        "until": until,
        **by_rule.parameters,
        "department": department,
        "limit": limit,
        "after_steps": steps,
        "after_member": last,
        **seen_by(viewer),
    }
    return await ask(listed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
