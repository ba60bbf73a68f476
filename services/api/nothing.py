"""An endpoint that does nothing, behind the same authentication and body parsing: what a benchmark compares with."""

from services.api.bodies import CompletionBody
from services.api.call import JSON, Answer, Call
from services.api.endpoint import MEMBER, Endpoint


async def nothing(call: Call) -> Answer:
    """Answer at once."""
    return Answer(200, b"{}", [JSON])


NOTHING = Endpoint(
    "PUT", "/v1/nothing/{run}/{step}", "nothing", "Do nothing.", MEMBER, nothing, body=CompletionBody, hidden=True
)
