"""Runs: late ones first, then the open ones by what is due next, then the closed ones, the latest first."""

from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, asked_by, seen_by

RunPlace = tuple[bool, int, str]
"""Where a run stands in the list: closed, its place among those, its id."""

RUNS = f"""
SELECT * FROM (
    SELECT run_id, procedure_id, procedure_version, title, subject, department, confidential, status, starter,
           started_on, finished_on, total, done, skipped, ready, next_due, next_legal_due, sent_back, version,
           changed_seq, changed_at,
           (status = 'open' AND next_due < %(today)s) IS TRUE AS late,
           (status = 'open' AND next_legal_due < %(today)s) IS TRUE AS late_legal,
           status <> 'open' AS closed,
           CASE WHEN status = 'open' THEN (coalesce(next_due, date '9999-12-31') - date '2000-01-01')::bigint
                ELSE -(extract(epoch FROM finished_at) * 1000000)::bigint END AS place
    FROM run_progress
    WHERE tenant_id = %(tenant)s
      AND (%(status)s::text IS NULL OR status = %(status)s::text)
      AND (%(procedure)s::uuid IS NULL OR procedure_id = %(procedure)s::uuid)
      AND (%(department)s::text IS NULL OR department = %(department)s::text)
      AND (NOT %(late)s::boolean OR (status = 'open' AND next_due < %(today)s))
      AND {RUN_SEEN}
) r
WHERE %(after_id)s::uuid IS NULL
   OR (closed, place, run_id) > (%(after_closed)s::boolean, %(after_place)s::bigint, %(after_id)s::uuid)
ORDER BY closed, place, run_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in the list. `late` and `late_legal` (a deadline set by law has passed) are seen from the day asked."""

    run_id: str
    procedure_id: str
    procedure_version: int
    title: str
    subject: str
    department: str
    confidential: bool
    status: str
    starter: str
    started_on: date
    finished_on: date | None
    total: int
    done: int
    skipped: int
    ready: int
    next_due: date | None
    next_legal_due: date | None
    sent_back: int
    version: int
    changed_seq: int
    changed_at: datetime
    late: bool
    late_legal: bool
    closed: bool
    place: int

    @property
    def after(self) -> RunPlace:
        """Where the next page begins when this is the last run of a page."""
        return self.closed, self.place, self.run_id


QUESTION = Question(RUNS, RunSummary, ("run_progress", "step_progress"))


async def run_list(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    status: str | None = None,
    procedure: str | None = None,
    department: str | None = None,
    late: bool = False,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: RunPlace | None = None,
    as_of: AsOf | None = None,
) -> list[RunSummary]:
    """At most `limit` runs beyond `after`. `viewer` leaves out confidential runs that are none of theirs."""
    closed, place, run = after or (None, None, None)
    parameters = {
        "today": today,
        "status": status,
        "procedure": procedure,
        "department": department,
        "late": late,
        **seen_by(viewer),
        "limit": limit,
        "after_closed": closed,
        "after_place": place,
        "after_id": run,
    }
    return await ask(asked_by(viewer, QUESTION), tenant, parameters, as_of=as_of)
