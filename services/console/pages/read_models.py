"""Read models (集計): how far each has come in the company's log, and what waits."""

from starlette.responses import Response

from queries.read_models import read_models
from services.console.event_words import EVENT_WORDS
from services.console.rendering import page as render
from services.console.visit import Visit
from services.console.words import term


async def page(visit: Visit) -> Response:
    """The page; it is about now, whatever instant is shown elsewhere."""
    models = await read_models(visit.deps.ask, visit.tenant_id, sees_all=visit.viewer is None)
    types = {stream.type for model in models for stream in model.waiting}
    # What cannot be folded may be of a type that has no word here either.
    kinds = {kind: term(EVENT_WORDS, visit.lang, kind) for kind in types}
    return render(visit, "read_models.html", models=models, kinds=kinds)
