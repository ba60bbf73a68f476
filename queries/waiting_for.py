"""For whom the runs wait that have come to a step: the people who are to do it now, and since when."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.theirs import PARTS, SEEN_OPEN, listed_for
from queries.weeks import HOUR

WAITING = f"""
SELECT t.assignee, p.name AS assignee_name, t.steps, t.waited / t.steps / {HOUR} AS average_hours, t.oldest
FROM (
    SELECT assignee, count(*)::bigint AS steps, min(ready_at) AS oldest,
           greatest(0, sum(extract(epoch FROM %(at)s::timestamptz - ready_at)))::bigint AS waited
    FROM task
    WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid AND step_id = %(step)s AND {SEEN_OPEN}
    GROUP BY assignee
) t
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.assignee
ORDER BY t.waited DESC, t.assignee
"""


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """Runs that wait for somebody to do the step, for nobody in particular where `assignee` is null.

    `average_hours` is since when it is ready, on the average, in whole hours; `oldest` since when at the longest.
    """

    assignee: str | None
    assignee_name: str | None
    steps: int
    average_hours: int
    oldest: datetime


QUESTION = Question(WAITING, WaitingFor, ("task", PARTS, "person"))


async def waiting_for(
    ask: Ask,
    tenant: str,
    *,
    at: datetime,
    procedure: str,
    step: str,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[WaitingFor]:
    """The people for whom the most time has been waited by now come first: runs times how long."""
    parameters = {"at": at, "procedure": procedure, "step": step, **seen_by(viewer)}
    return await ask(listed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
