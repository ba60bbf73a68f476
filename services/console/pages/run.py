"""One run: its steps from the first to the last, with who, when and until when."""

from starlette.responses import Response

from queries.run_detail import RunDetail, run_detail
from services.console.moments import NotUnderstood
from services.console.pages.missing import Missing
from services.console.rendering import page as render
from services.console.visit import Visit, read_uuid


async def page(visit: Visit) -> Response:
    """The page. Raises Missing."""
    try:
        run = read_uuid(visit.params["run"])
    except NotUnderstood:
        raise Missing from None
    detail = await run_detail(visit.deps.ask, visit.tenant_id, run, today=visit.today, as_of=visit.as_of)
    if detail is None or not _may_see(visit, detail):
        raise Missing
    return render(visit, "run.html", run=detail.run, steps=detail.steps, titles=visit.company.departments)


def _may_see(visit: Visit, detail: RunDetail) -> bool:
    """A confidential run is for those who see all, who started it, and who have a step of it."""
    if visit.viewer is None or not detail.run.confidential or detail.run.starter == visit.viewer:
        return True
    return any(visit.viewer in (step.assignee, step.done_by) for step in detail.steps)
