"""Subjects (対象): the runs about the same person or thing, taken together."""

from starlette.responses import Response

from domain.personal import ERASED
from queries.progress_by_subject import progress_by_subject
from queries.runs_of_subject import runs_of_subject
from services.console.asked import departments_of
from services.console.moments import NotUnderstood
from services.console.places import A_PAGE, a_day, a_page, an_id, read_place
from services.console.rendering import page as render
from services.console.visit import Visit


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    department = visit.text("department")
    found = await progress_by_subject(
        visit.deps.ask,
        visit.tenant_id,
        today=visit.today,
        erased=ERASED,
        department=department,
        viewer=visit.viewer,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_day, an_id),
        as_of=visit.as_of,
    )
    shown, more = a_page(visit, found)
    return render(
        visit,
        "subjects.html",
        rows=shown,
        more=more,
        department=department,
        departments=await departments_of(visit),
    )


async def runs(visit: Visit) -> Response:
    """All runs about the subject of one of them: no address names a subject. Raises NotUnderstood."""
    run = visit.uuid("run")
    if run is None:
        raise NotUnderstood("run")
    found = await runs_of_subject(
        visit.deps.ask,
        visit.tenant_id,
        run=run,
        erased=ERASED,
        open_only=visit.choice("open", "1") is not None,
        viewer=visit.viewer,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), an_id),
        as_of=visit.as_of,
    )
    shown, more = a_page(visit, found)
    return render(
        visit,
        "subject_runs.html",
        rows=shown,
        more=more,
        departments=await departments_of(visit),
    )
