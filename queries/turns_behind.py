"""The turns behind a step's figures: each time it was ready until it was so no longer, with the event that ended it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.theirs import PARTS, SEEN_THEN, listed_for
from queries.weeks import Weeks

Turns = Literal["all", "done", "due", "on_time", "late", "legal_due", "legal_on_time", "legal_late", "rejecting"]
TurnPlace = tuple[date, int]
"""Where it stands in the list: its week, and the event that made it."""

# The CASE is what `step_week` counts in each number.
TURNS = f"""
SELECT t.seq, t.run_id, r.title AS run_title, r.subject, t.step_id, t.role, t.assignee, t.by, p.name AS by_name,
       t.ended, t.ready_at, t.ended_at, t.week, t.waited / 3600 AS waited_hours, t.lead_days, t.due, t.legal, t.late
FROM (
    SELECT * FROM step_turn
    WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid AND step_id = %(step)s
      AND week BETWEEN %(first_week)s::date AND %(last_week)s::date
      AND CASE %(what)s
          WHEN 'all' THEN true
          WHEN 'done' THEN lead_days IS NOT NULL
          WHEN 'due' THEN late IS NOT NULL
          WHEN 'on_time' THEN NOT late
          WHEN 'late' THEN late
          WHEN 'legal_due' THEN late IS NOT NULL AND legal
          WHEN 'legal_on_time' THEN NOT late AND legal
          WHEN 'legal_late' THEN late AND legal
          WHEN 'rejecting' THEN ended = 'rejected'
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
class Turn:
    """A turn of a step. `seq` is the event that ended it; `by` whoever did, where the event says so.

    `lead_days` and `late` are of what was done, the latter where it was due.
    """

    seq: int
    run_id: str
    run_title: str | None
    subject: str | None
    step_id: str
    role: str
    assignee: str | None
    by: str | None
    by_name: str | None
    ended: str
    ready_at: datetime
    ended_at: datetime
    week: date
    waited_hours: int
    lead_days: int | None
    due: date | None
    legal: bool
    late: bool | None

    @property
    def after(self) -> TurnPlace:
        """Where the next page begins when this is the last row of a page."""
        return self.week, self.seq


QUESTION = Question(TURNS, Turn, ("step_turn", PARTS), ("run_progress", "person"))


async def turns_behind(
    ask: Ask,
    tenant: str,
    *,
    procedure: str,
    step: str,
    weeks: Weeks,
    what: Turns = "all",
    viewer: Viewer | None = None,
    limit: int = 50,
    after: TurnPlace | None = None,
    as_of: AsOf | None = None,
) -> list[Turn]:
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
