"""Progress (進捗): a bar for each run, late ones first, and figures for each department."""

from starlette.responses import Response

from queries.progress_by_department import progress_by_department
from queries.progress_by_procedure import progress_by_procedure
from queries.run_list import RunPlace, run_list
from services.console.moments import NotUnderstood
from services.console.rendering import page as render
from services.console.visit import HOME, Visit, read_uuid

STATUSES = ("open", "completed", "cancelled")
A_PAGE = 50


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
        after=_after(visit.text("after")),
        as_of=as_of,
    )
    shown = runs[:A_PAGE]
    return render(
        visit,
        "progress.html",
        live=live,
        departments=await progress_by_department(ask, tenant, today=today, viewer=visit.viewer, as_of=as_of),
        procedures=await progress_by_procedure(ask, tenant, today=today, viewer=visit.viewer, as_of=as_of),
        titles=await visit.departments(),
        statuses=STATUSES,
        runs=shown,
        more=visit.here(after=_text(shown[-1].after)) if len(runs) > A_PAGE else None,
    )


async def _live(visit: Visit) -> str | None:
    """The feed of what follows this page, asked for before its figures; the past does not change."""
    if visit.deps.feeds is None or visit.as_of is not None:
        return None
    return f"{HOME}feed?after={await visit.deps.feeds.now(visit.tenant_id)}"


def _after(text: str | None) -> RunPlace | None:
    """The place that `_text` wrote. Raises NotUnderstood."""
    if text is None:
        return None
    closed, _, rest = text.partition("_")
    place, _, run = rest.partition("_")
    if closed not in ("0", "1") or not place.removeprefix("-").isdecimal() or len(place) > 18:
        raise NotUnderstood(text)
    return closed == "1", int(place), read_uuid(run)


def _text(place: RunPlace) -> str:
    return f"{place[0]:d}_{place[1]}_{place[2]}"
