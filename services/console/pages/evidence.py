"""Evidence (証明): the newest checkpoint, where it is kept outside, what is not, and alarms."""

from starlette.responses import Response

from services.console.pages.missing import Missing
from services.console.rendering import page as render
from services.console.visit import Visit


async def page(visit: Visit) -> Response:
    """The page; the checkpoint is that of the instant shown, the rest is about now. Raises Missing."""
    evidence = visit.deps.evidence
    if evidence is None:
        raise Missing
    checkpoint = await evidence.checkpoint(visit.tenant_id, as_of=visit.as_of)
    return render(visit, "evidence.html", checkpoint=checkpoint, standing=await evidence.standing(visit.tenant_id))
