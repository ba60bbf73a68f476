"""What someone did of a step: the turns behind a figure of dependence, the latest first."""

from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import OF_DEPARTMENT
from queries.theirs import PARTS, SEEN

DONE = f"""
SELECT t.seq, t.run_id, r.title AS run_title, r.subject, t.ended, t.ended_at, t.due, t.late
FROM (
    SELECT * FROM step_turn
    WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid AND step_id = %(step)s
      AND by = %(member)s::uuid AND lead_days IS NOT NULL AND {OF_DEPARTMENT}
      AND {SEEN}
      AND (%(after)s::bigint IS NULL OR seq < %(after)s::bigint)
    ORDER BY seq DESC LIMIT %(limit)s
) t
LEFT JOIN run_progress r ON r.tenant_id = %(tenant)s AND r.run_id = t.run_id
ORDER BY t.seq DESC
"""


@dataclass(frozen=True, slots=True)
class Done:
    """Once that someone did a step, by the event `seq`."""

    seq: int
    run_id: str
    run_title: str | None
    subject: str | None
    ended: str
    ended_at: datetime
    due: date | None
    late: bool | None

    @property
    def after(self) -> int:
        """Where the next page begins when this is the last row of a page."""
        return self.seq


QUESTION = Question(DONE, Done, ("step_turn", PARTS), ("run_progress",))


async def done_by(
    ask: Ask,
    tenant: str,
    *,
    procedure: str,
    step: str,
    member: str,
    department: str | None = None,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: int | None = None,
    as_of: AsOf | None = None,
) -> list[Done]:
    """At most `limit` of them beyond `after`, of runs that `viewer` may see."""
    parameters = {
        "procedure": procedure,
        "step": step,
        "member": member,
        "department": department,
        "after": after,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
