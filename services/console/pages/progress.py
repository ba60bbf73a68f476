"""Progress (進捗): a bar for each run, late ones first, and figures for each department."""

from starlette.responses import Response

from queries.progress_by_department import progress_by_department
from queries.progress_by_procedure import progress_by_procedure
from queries.run_list import run_list
from services.console.asked import departments_of
from services.console.places import A_PAGE, a_flag, a_number_of_either_sign, a_page, an_id, read_place
from services.console.rendering import page as render
from services.console.visit import HOME, Visit

STATUSES = ("open", "completed", "cancelled")


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    ask, tenant, today, as_of = visit.deps.ask, visit.tenant_id, visit.today, visit.as_of
    live = await _live(visit)
    runs = await run_list(
        ask,
        tenant,
        today=today,
        status=visit.choice("status", *STATUSES),
        procedure=visit.uuid("procedure"),
        department=visit.text("department"),
        late=visit.choice("late", "1") is not None,
        viewer=visit.viewer,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_flag, a_number_of_either_sign, an_id),
        as_of=as_of,
    )
    shown, more = a_page(visit, runs)
    return render(
        visit,
        "progress.html",
        live=live,
        departments=await progress_by_department(ask, tenant, today=today, viewer=visit.viewer, as_of=as_of),
        procedures=await progress_by_procedure(ask, tenant, today=today, viewer=visit.viewer, as_of=as_of),
        titles=await departments_of(visit),
        statuses=STATUSES,
        runs=shown,
        more=more,
    )


async def _live(visit: Visit) -> str | None:
    """The feed of what follows this page, asked for before its figures; the past does not change."""
    if visit.deps.feeds is None or visit.as_of is not None:
        return None
    return f"{HOME}feed?after={await visit.deps.feeds.now(visit.tenant_id)}"
