"""All runs about the subject of a run, open or closed: what is behind a subject's progress."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, asked_by, seen_by

RUNS = f"""
SELECT run_id, procedure_id, title, subject, department, status, started_on, finished_on, total, done, skipped, next_due
FROM run_progress
WHERE tenant_id = %(tenant)s AND {RUN_SEEN}
  AND subject = (SELECT subject FROM run_progress
                 WHERE tenant_id = %(tenant)s AND run_id = %(run)s::uuid AND {RUN_SEEN})
  AND (subject <> %(erased)s OR run_id = %(run)s::uuid)
  AND (%(open_only)s::boolean IS NOT TRUE OR status = 'open')
  AND (%(after)s::uuid IS NULL OR run_id > %(after)s::uuid)
ORDER BY run_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class SubjectRun:
    """A run about the subject."""

    run_id: str
    procedure_id: str
    title: str
    subject: str
    department: str
    status: str
    started_on: date
    finished_on: date | None
    total: int
    done: int
    skipped: int
    next_due: date | None

    @property
    def after(self) -> str:
        """Where the next page begins when this is the last run of a page."""
        return self.run_id


QUESTION = Question(RUNS, SubjectRun, ("run_progress", "step_progress"))


async def runs_of_subject(
    ask: Ask,
    tenant: str,
    *,
    run: str,
    erased: str,
    open_only: bool = False,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: str | None = None,
    as_of: AsOf | None = None,
) -> list[SubjectRun]:
    """At most `limit` runs beyond `after` that `viewer` may see, and none when they may not see that run."""
    parameters = {
        "run": run,
        "erased": erased,
        "open_only": open_only,
        "after": after,
        "limit": limit,
        **seen_by(viewer),
    }
    return await ask(asked_by(viewer, QUESTION), tenant, parameters, as_of=as_of)
