"""A question about answers: are the read models through what the company did, and does anything wait?"""

from queries.read_models import ReadModel, read_models
from services.api import query as q
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.routes.asking import All, viewer


async def list_read_models(call: Call) -> Answer:
    """The company's read models."""
    return rows(All(items=await read_models(call.deps.ask, call.tenant, sees_all=viewer(call) is None)))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/projections",
        "list_read_models",
        "Whether each read model is through the company's last event, and which streams wait with one that it cannot "
        "fold: their runs and procedures are shown as they were before it.",
        "read_projections",
        list_read_models,
        answer=All[ReadModel],
        query=(q.WAIT_FOR,),
    ),
)
