"""The runs behind a figure of flow: those started, or come to an end, in some weeks; the latest first."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import OF_DEPARTMENT, OF_PROCEDURE
from queries.theirs import PARTS, SEEN_THEN, listed_for
from queries.weeks import Weeks

MOST_DAYS = 36_500
"""The longest lead time that is asked for."""
What = Literal[
    "started",
    "completed",
    "cancelled",
    "clean",
    "reworked",
    "due",
    "on_time",
    "late",
    "legal_due",
    "legal_on_time",
    "legal_late",
]
BehindPlace = tuple[date, str]
"""Where a run stands in the list: the day it is there for, its id."""

COLUMNS = """
       run_id, procedure_id, title, subject, department, status, started_on, finished_on,
       finished_on - started_on AS lead_days, finished_on - first_done_on AS cycle_days, due_done, late_done,
       legal_due_done, legal_late_done, sent_back, reopened"""
STARTED = f"""
SELECT started_on AS day, {COLUMNS}
FROM run_progress
WHERE tenant_id = %(tenant)s AND started_on BETWEEN %(first_day)s::date AND %(last_day)s::date
  AND {OF_PROCEDURE} AND {OF_DEPARTMENT}
  AND (%(at_least)s::int IS NULL OR finished_on - started_on >= %(at_least)s::int)
  AND (%(after_id)s::uuid IS NULL OR (started_on, run_id) < (%(after_day)s::date, %(after_id)s::uuid))
  AND {SEEN_THEN}
ORDER BY started_on DESC, run_id DESC LIMIT %(limit)s
"""
# The CASE is what `run_week` counts in each number.
ENDED = f"""
SELECT finished_on AS day, {COLUMNS}
FROM run_progress
WHERE tenant_id = %(tenant)s AND finished_on BETWEEN %(first_day)s::date AND %(last_day)s::date
  AND CASE %(what)s
      WHEN 'cancelled' THEN status = 'cancelled'
      WHEN 'completed' THEN status = 'completed'
      WHEN 'clean' THEN status = 'completed' AND sent_back + reopened = 0
      WHEN 'reworked' THEN status = 'completed' AND sent_back + reopened > 0
      WHEN 'due' THEN status = 'completed' AND due_done > 0
      WHEN 'on_time' THEN status = 'completed' AND due_done > 0 AND late_done = 0
      WHEN 'late' THEN status = 'completed' AND late_done > 0
      WHEN 'legal_due' THEN status = 'completed' AND legal_due_done > 0
      WHEN 'legal_on_time' THEN status = 'completed' AND legal_due_done > 0 AND legal_late_done = 0
      WHEN 'legal_late' THEN status = 'completed' AND legal_late_done > 0
      END
  AND {OF_PROCEDURE} AND {OF_DEPARTMENT}
  AND (%(at_least)s::int IS NULL OR finished_on - started_on >= %(at_least)s::int)
  AND (%(after_id)s::uuid IS NULL OR (finished_on, run_id) < (%(after_day)s::date, %(after_id)s::uuid))
  AND {SEEN_THEN}
ORDER BY finished_on DESC, run_id DESC LIMIT %(limit)s
"""
# A question of its own, so that it is answered by an index of its own.
ENDED_OF_ONE = ENDED.replace(OF_PROCEDURE, "procedure_id = %(procedure)s::uuid")


@dataclass(frozen=True, slots=True)
class RunBehind:
    """A run with its own part in the figures of flow. `day` is when it was started, or else came to its end."""

    run_id: str
    procedure_id: str
    title: str
    subject: str
    department: str
    status: str
    started_on: date
    finished_on: date | None
    day: date
    lead_days: int | None
    cycle_days: int | None
    due_done: int
    late_done: int
    legal_due_done: int
    legal_late_done: int
    sent_back: int
    reopened: int

    @property
    def after(self) -> BehindPlace:
        """Where the next page begins when this is the last run of a page."""
        return self.day, self.run_id


READS = ("run_progress", PARTS)
OF_STARTED = Question(STARTED, RunBehind, READS)
OF_ENDED = Question(ENDED, RunBehind, READS)
OF_ENDED_OF_ONE = Question(ENDED_OF_ONE, RunBehind, READS)


async def runs_behind(
    ask: Ask,
    tenant: str,
    *,
    what: What,
    weeks: Weeks,
    procedure: str | None = None,
    department: str | None = None,
    at_least: int | None = None,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: BehindPlace | None = None,
    as_of: AsOf | None = None,
) -> list[RunBehind]:
    """At most `limit` runs beyond `after` that `viewer` may see; `at_least` so many days of lead time."""
    day, run = after or (None, None)
    of_ended = OF_ENDED if procedure is None else OF_ENDED_OF_ONE
    question = OF_STARTED if what == "started" else of_ended
    parameters = {
        "what": what,
        "first_day": weeks.first,
        "last_day": weeks.last + timedelta(days=6),
        **weeks.parameters,
        "procedure": procedure,
        "department": department,
        "at_least": at_least,
        "after_day": day,
        "after_id": run,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(listed_for(viewer, question), tenant, parameters, as_of=as_of)
