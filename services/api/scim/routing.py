"""How SCIM's routes are made, and how they answer."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from domain.tenants.state import Tenant
from services.api.answers import PRIVATE, encode
from services.api.call import Answer, Call, Handler
from services.api.endpoint import Endpoint, Query
from services.api.scim.asking import ENTRA
from services.api.scim.names import CONTENT, MEDIA

FRESH = 0.0
"""Reads know what any process has written before."""

Document = Annotated[dict[str, Any], Meta(description="A document of RFC 7643 or RFC 7644; docs/scim.md says more.")]


def asks(path: str, name: str, about: str, handle: Handler, query: tuple[Query, ...] = (ENTRA,)) -> Endpoint:
    """A route that reads."""
    return Endpoint("GET", path, name, about, "read_directory", handle, answer=Document, media=MEDIA, query=query)


def searches(path: str, name: str, about: str, handle: Handler) -> Endpoint:
    """A route that reads what a body asks for."""
    needs = "read_directory"
    return Endpoint("POST", path, name, about, needs, handle, body=Document, answer=Document, media=MEDIA)


def writes(method: str, path: str, name: str, about: str, handle: Handler, command: str, **more: Any) -> Endpoint:
    """A route that carries a command out."""
    carries_out = (command,)
    return Endpoint(
        method, path, name, about, command, handle, answer=Document, media=MEDIA, carries_out=carries_out, **more
    )


async def now(call: Call) -> Tenant:
    """The company as it is in the log."""
    return await call.deps.commands.tenant(call.tenant, FRESH)


def answered(body: object, status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()) -> Answer:
    """An answer in SCIM's media type."""
    return Answer(status, encode(body), [CONTENT, PRIVATE, *headers])
