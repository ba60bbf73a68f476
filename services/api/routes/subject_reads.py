"""Dashboards of subjects: the runs about the same person or thing together."""

from datetime import date

from domain.personal import ERASED
from queries.progress_by_subject import SubjectProgress, progress_by_subject
from queries.runs_of_subject import SubjectRun, runs_of_subject
from services.api import query as q
from services.api.bodies import Uuid
from services.api.call import Answer, Call
from services.api.endpoint import Query
from services.api.routes.asking import Page, limit, page, then, viewer
from services.api.routes.figures import UUID, YES, dashboard, needed
from services.api.routes.run_reads import DEPARTMENT

RUN = Query("run", q.uuid("run"), UUID, "A run about the subject: subjects are personal, and named in no address.")
OPEN = Query("open", q.yes_or_no("open"), YES, "Only open runs.")


async def subjects(call: Call) -> Answer:
    """Progress by subject."""
    when, most = await then(call), limit(call)
    found = await progress_by_subject(
        call.deps.ask,
        call.tenant,
        today=when.today,
        erased=ERASED,
        department=call.query.get("department"),
        viewer=viewer(call),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def subject_runs(call: Call) -> Answer:
    """Runs about a subject."""
    when, most = await then(call), limit(call)
    found = await runs_of_subject(
        call.deps.ask,
        call.tenant,
        run=needed(call, "run"),
        erased=ERASED,
        open_only=call.query.get("open", False),
        viewer=viewer(call),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


ENDPOINTS = (
    dashboard(
        "subjects",
        "progress_by_subject",
        "read_dashboards",
        "Progress by subject: the open runs about the same person or thing together, what is due first first.",
        subjects,
        Page[SubjectProgress],
        DEPARTMENT,
        q.LIMIT,
        q.cursor_of(tuple[date, Uuid]),
    ),
    dashboard(
        "subjects/runs",
        "runs_of_subject",
        "read_dashboards",
        "All runs about the subject of a run, open or closed.",
        subject_runs,
        Page[SubjectRun],
        RUN,
        OPEN,
        q.LIMIT,
        q.cursor_of(Uuid),
    ),
)
