"""Progress by subject: the open runs about the same person or thing, taken together."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.run_list import DUE, NO_RUN
from queries.seen import Viewer, seen_by
from queries.theirs import PARTS, SEEN_OPEN, listed_for

SubjectPlace = tuple[date, str]
"""Where it stands in the list: when it is next due (the last of days when it is not), its run that is due first."""

LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
OPENED = f"""
        tenant_id = %(tenant)s AND status = 'open'
        AND (%(department)s::text IS NULL OR department = %(department)s::text) AND {SEEN_OPEN}"""
NUMBERS = """
           count(*)::int AS open, count(*) FILTER (WHERE next_due < %(today)s::date)::int AS late,
           count(*) FILTER (WHERE next_legal_due < %(today)s::date)::int AS late_legal,
           sum(done + skipped)::int AS steps_done, sum(total)::int AS steps_total, min(next_due) AS next_due"""

# A subject is personal and has no id: it is named by a run of its own, never in an address. Whoever was erased is
# nobody's subject, so that erased people are not taken for one.
SUBJECTS = f"""
SELECT * FROM (
    SELECT (array_agg(run_id ORDER BY {DUE}, run_id))[1] AS run_id, min(subject) AS subject, {NUMBERS},
           coalesce(min(next_due), date '9999-12-31') AS place
    FROM run_progress WHERE {OPENED}
    GROUP BY subject, CASE WHEN subject = %(erased)s THEN run_id END
) t
WHERE (place, run_id) > (%(after_due)s::date, %(after_run)s::uuid)
ORDER BY place, run_id LIMIT %(limit)s
"""
# The same without looking at more than a page: open runs by what is due next, those alone that no other of their
# subject comes before; with each of these, the others of its subject.
WALKED = f"""
SELECT first.run_id, first.subject, of.*, first.place
FROM (
    SELECT run_id, subject, {DUE} AS place FROM run_progress r
    WHERE {OPENED} AND ({DUE}, run_id) > (%(after_due)s::date, %(after_run)s::uuid)
      AND (subject = %(erased)s OR NOT EXISTS (
          SELECT FROM run_progress
          WHERE {OPENED} AND subject = r.subject
            AND ({DUE}, run_id) < (coalesce(r.next_due, date '9999-12-31'), r.run_id)))
    ORDER BY {DUE}, run_id LIMIT %(limit)s
) first
CROSS JOIN LATERAL (
    SELECT {NUMBERS} FROM run_progress
    WHERE {OPENED} AND subject = first.subject AND ({DUE}, run_id) >= (first.place, first.run_id)
      AND ({DUE}, run_id) <= (CASE WHEN first.subject = %(erased)s THEN first.place ELSE date '9999-12-31' END,
                              CASE WHEN first.subject = %(erased)s THEN first.run_id ELSE uuid '{LAST_ID}' END)
) of
ORDER BY first.place, first.run_id
"""


@dataclass(frozen=True, slots=True)
class SubjectProgress:
    """The open runs about a subject, and how many of their steps are done. `run_id` is the one that is due first."""

    run_id: str
    subject: str
    open: int
    late: int
    late_legal: int
    steps_done: int
    steps_total: int
    next_due: date | None
    place: date

    @property
    def after(self) -> SubjectPlace:
        """Where the next page begins when this is the last subject of a page."""
        return self.place, self.run_id


READS = ("run_progress", PARTS)
QUESTION = Question(SUBJECTS, SubjectProgress, READS)
OF_NOW = Question(WALKED, SubjectProgress, READS)


async def progress_by_subject(
    ask: Ask,
    tenant: str,
    *,
    today: date,
    erased: str,
    department: str | None = None,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: SubjectPlace | None = None,
    as_of: AsOf | None = None,
) -> list[SubjectProgress]:
    """At most `limit` subjects beyond `after` with an open run that `viewer` may see, what is due first first."""
    due, run = after or (date.min, NO_RUN)
    few = as_of is not None or (viewer is not None and viewer.outside)
    parameters = {
        "today": today,
        "erased": erased,
        "department": department,
        "after_due": due,
        "after_run": run,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(listed_for(viewer, QUESTION if few else OF_NOW), tenant, parameters, as_of=as_of)
