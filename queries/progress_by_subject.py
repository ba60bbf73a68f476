"""Progress by subject: the open runs about the same person or thing, taken together."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, asked_by, seen_by

SubjectPlace = tuple[date, str]
"""Where it stands in the list: when it is next due (the last of days when it is not), its first open run."""

# A subject is personal and has no id: it is named by a run of its own, never in an address. Whoever was erased is
# nobody's subject, so that erased people are not taken for one.
SUBJECTS = f"""
SELECT * FROM (
    SELECT min(run_id::text)::uuid AS run_id, min(subject) AS subject, count(*)::int AS open,
           count(*) FILTER (WHERE next_due < %(today)s::date)::int AS late,
           count(*) FILTER (WHERE next_legal_due < %(today)s::date)::int AS late_legal,
           sum(done + skipped)::int AS steps_done, sum(total)::int AS steps_total, min(next_due) AS next_due,
           coalesce(min(next_due), date '9999-12-31') AS place
    FROM run_progress
    WHERE tenant_id = %(tenant)s AND status = 'open'
      AND (%(department)s::text IS NULL OR department = %(department)s::text) AND {RUN_SEEN}
    GROUP BY subject, CASE WHEN subject = %(erased)s THEN run_id END
) t
WHERE %(after_run)s::uuid IS NULL OR (place, run_id) > (%(after_due)s::date, %(after_run)s::uuid)
ORDER BY place, run_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class SubjectProgress:
    """The open runs about a subject, and how many of their steps are done. `run_id` is the first of them."""

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


QUESTION = Question(SUBJECTS, SubjectProgress, ("run_progress", "step_progress"))


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
    due, run = after or (None, None)
    parameters = {
        "today": today,
        "erased": erased,
        "department": department,
        "after_due": due,
        "after_run": run,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(asked_by(viewer, QUESTION), tenant, parameters, as_of=as_of)
