"""The rework behind a step's figures: each time work came back to it, with the event and whoever sent it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.theirs import PARTS, SEEN_THEN, listed_for
from queries.weeks import Weeks

Causes = Literal["all", "sent_back", "rejected", "reopened"]
ReturnPlace = tuple[date, int]
"""Where it stands in the list: its week, and the event that made it."""

# The CASE is what `step_week` counts in each number.
RETURNS = f"""
SELECT t.seq, t.run_id, r.title AS run_title, r.subject, t.step_id, t.cause, t.from_step, t.by, p.name AS by_name, t.at,
       t.week
FROM (
    SELECT * FROM step_return
    WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid AND step_id = %(step)s
      AND week BETWEEN %(first_week)s::date AND %(last_week)s::date
      AND CASE %(what)s
          WHEN 'all' THEN true
          WHEN 'sent_back' THEN cause = 'sent_back'
          WHEN 'rejected' THEN cause = 'rejected'
          WHEN 'reopened' THEN cause = 'reopened'
          END
      AND {SEEN_THEN}
      AND (%(after_seq)s::bigint IS NULL OR (week, seq) < (%(after_week)s::date, %(after_seq)s::bigint))
    ORDER BY week DESC, seq DESC LIMIT %(limit)s
) t
LEFT JOIN run_progress r ON r.tenant_id = %(tenant)s AND r.run_id = t.run_id
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.by
ORDER BY t.week DESC, t.seq DESC
"""


@dataclass(frozen=True, slots=True)
class Return:
    """Work that came back to a step: `cause` is sent_back, rejected or reopened, `seq` its event, with the reason."""

    seq: int
    run_id: str
    run_title: str | None
    subject: str | None
    step_id: str
    cause: str
    from_step: str
    by: str | None
    by_name: str | None
    at: datetime
    week: date

    @property
    def after(self) -> ReturnPlace:
        """Where the next page begins when this is the last row of a page."""
        return self.week, self.seq


QUESTION = Question(RETURNS, Return, ("step_return", PARTS), ("run_progress", "person"))


async def returns_behind(
    ask: Ask,
    tenant: str,
    *,
    procedure: str,
    step: str,
    weeks: Weeks,
    what: Causes = "all",
    viewer: Viewer | None = None,
    limit: int = 50,
    after: ReturnPlace | None = None,
    as_of: AsOf | None = None,
) -> list[Return]:
    """At most `limit` of them beyond `after`, the latest first, of runs that `viewer` may see."""
    week, seq = after or (None, None)
    parameters = {
        "procedure": procedure,
        "step": step,
        "what": what,
        **weeks.parameters,
        "after_week": week,
        "after_seq": seq,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(listed_for(viewer, QUESTION), tenant, parameters, as_of=as_of)
