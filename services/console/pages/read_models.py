"""Read models (集計): how far each has come in the company's log, and what waits."""

from starlette.responses import Response

from queries.read_models import read_models
from services.console.event_words import event_word
from services.console.rendering import page as render
from services.console.visit import Visit


async def page(visit: Visit) -> Response:
    """The page; it is about now, whatever instant is shown elsewhere."""
    models = await read_models(visit.deps.ask, visit.tenant_id, sees_all=visit.viewer is None)
    kinds = {stream.type for model in models for stream in model.waiting}
    return render(
        visit, "read_models.html", models=models, kinds={kind: event_word(kind, visit.lang) for kind in kinds}
    )
