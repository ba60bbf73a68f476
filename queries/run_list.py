"""Runs: late ones first, then the open ones by what is due next, then the closed ones, the latest first."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.theirs import OPEN, PARTS, SEEN, SEEN_OPEN, listed_for

DUE = "coalesce(next_due, date '9999-12-31')"
"""When an open run is due next: the last of days when it is not."""
DAY_0 = date(2000, 1, 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
DAYS = ((date.min - DAY_0).days, (date.max - DAY_0).days)
MICROSECONDS = (
    (EPOCH - LAST) // timedelta(microseconds=1),
    (EPOCH - EPOCH.replace(year=1)) // timedelta(microseconds=1),
)
NO_RUN = "00000000-0000-0000-0000-000000000000"
RunPlace = tuple[bool, int, str]
"""Where a run stands in the list: closed, its place among those, its id."""

COLUMNS = """
        run_id, procedure_id, procedure_version, title, subject, department, confidential, status, starter,
        started_on, finished_on, total, done, skipped, ready, next_due, next_legal_due, sent_back, version,
        changed_seq, changed_at"""
WHICH = """
        tenant_id = %(tenant)s
        AND (%(procedure)s::uuid IS NULL OR procedure_id = %(procedure)s::uuid)
        AND (%(department)s::text IS NULL OR department = %(department)s::text)"""
CLOSED = f"""
    SELECT {COLUMNS}, false AS late, false AS late_legal, true AS closed,
           -(extract(epoch FROM finished_at) * 1000000)::bigint AS place
    FROM run_progress
    WHERE {WHICH} AND finished_at IS NOT NULL AND NOT %(late)s::boolean
      AND (%(status)s::text IS NULL OR (%(status)s::text <> 'open' AND status = %(status)s::text))"""
LEFT = "greatest(0, %(limit)s - (SELECT count(*) FROM opened))"
OF_ALL = f"""{CLOSED}
      AND {SEEN} AND finished_at <= %(after_finished)s::timestamptz
      AND (finished_at < %(after_finished)s::timestamptz OR run_id > %(after_closed_id)s::uuid)
    ORDER BY finished_at DESC, run_id LIMIT {LEFT}
"""
# A page of each of the viewer's parts, whose runs an index has in this order; then a page of all of these.
OF_THEIRS = f"""
    SELECT DISTINCT r.*
    FROM unnest(%(viewer_parts)s::text[]) mine CROSS JOIN unnest(%(viewer_hidden)s::boolean[]) hidden
    CROSS JOIN LATERAL (
        SELECT r.* FROM run_part p CROSS JOIN LATERAL ({CLOSED} AND run_id = p.run_id) r
        WHERE p.tenant_id = %(tenant)s AND p.part = mine AND p.confidential = hidden AND p.until < {OPEN}
          AND p.until <= %(after_finished)s::timestamptz
          AND (p.until < %(after_finished)s::timestamptz OR p.run_id > %(after_closed_id)s::uuid)
        ORDER BY p.until DESC, p.run_id LIMIT {LEFT}
    ) r
    ORDER BY place, run_id LIMIT {LEFT}
"""
# Two lists, each in the order of an index: the closed ones are looked at as far as open ones leave room on the page.
RUNS = f"""
WITH opened AS MATERIALIZED (
    SELECT {COLUMNS}, (next_due < %(today)s::date) IS TRUE AS late,
           (next_legal_due < %(today)s::date) IS TRUE AS late_legal,
           false AS closed, ({DUE} - date '2000-01-01')::bigint AS place
    FROM run_progress
    WHERE {WHICH} AND {SEEN_OPEN} AND status = 'open' AND (%(status)s::text IS NULL OR %(status)s::text = 'open')
      AND %(after_closed)s::boolean IS NOT TRUE
      AND ({DUE}, run_id) > (%(after_due)s::date, %(after_open_id)s::uuid) AND {DUE} <= %(until)s::date
    ORDER BY {DUE}, run_id LIMIT %(limit)s
), closed AS MATERIALIZED ({OF_ALL})
SELECT * FROM (TABLE opened UNION ALL TABLE closed) r ORDER BY closed, place, run_id
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


QUESTION = Question(RUNS, RunSummary, ("run_progress", PARTS))
OF_OUTSIDERS = replace(QUESTION, sql=RUNS.replace(OF_ALL, OF_THEIRS))


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
    parameters = {
        "today": today,
        "until": today - timedelta(days=1) if late else date.max,
        "status": status,
        "procedure": procedure,
        "department": department,
        "late": late,
        "limit": limit,
        **_beyond(after),
        **seen_by(viewer),
    }
    question = OF_OUTSIDERS if viewer is not None and viewer.outside else QUESTION
    return await ask(listed_for(viewer, question), tenant, parameters, as_of=as_of)


def _beyond(after: RunPlace | None) -> dict[str, Any]:
    """Where each of the two lists goes on. A closed run's place is in microseconds, of an open one's in days."""
    closed, place, run = after or (False, 0, NO_RUN)
    past_opened, past_closed = after is not None and not closed, after is not None and closed
    return {
        "after_closed": closed,
        "after_due": DAY_0 + timedelta(days=_within(place, *DAYS)) if past_opened else date.min,
        "after_open_id": run if past_opened else NO_RUN,
        "after_finished": EPOCH - timedelta(microseconds=_within(place, *MICROSECONDS)) if past_closed else LAST,
        "after_closed_id": run if past_closed else NO_RUN,
    }


def _within(place: int, least: int, most: int) -> int:
    """A cursor is anybody's text: a place that no run can have is beyond one end of the list."""
    return max(least, min(place, most))
