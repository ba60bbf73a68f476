"""Reads (閲覧記録): what auditors looked at, the newest first."""

from starlette.responses import Response

from queries.reads import reads
from services.console.places import a_page, an_id, an_instant, read_place
from services.console.rendering import page as render
from services.console.visit import Visit

A_PAGE = 100


async def page(visit: Visit) -> Response:
    """The page; it is about now, whatever instant is shown elsewhere. Raises NotUnderstood."""
    found = await reads(
        visit.deps.ask,
        visit.tenant_id,
        member=visit.uuid("member"),
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), an_instant, an_id),
    )
    shown, more = a_page(visit, found, A_PAGE)
    return render(
        visit,
        "reads.html",
        reads=[(read, sorted(read.asked.items())) for read in shown],
        more=more,
    )
