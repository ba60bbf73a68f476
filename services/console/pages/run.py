"""One run: its steps from the first to the last, with who, when and until when."""

from starlette.responses import Response

from queries.run_detail import run_detail
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
    detail = await run_detail(
        visit.deps.ask, visit.tenant_id, run, today=visit.today, viewer=visit.viewer, as_of=visit.as_of
    )
    if detail is None:
        raise Missing
    return render(visit, "run.html", run=detail.run, steps=detail.steps, titles=visit.company.departments)

