"""The ASGI edge: finds the endpoint, checks the credential, reads the request, sends the answer.

It stands before FastAPI's own routing, for what that does for each request costs more than carrying a command out.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from starlette.responses import Response

from domain.tenants.keys import check_key
from domain.tenants.permissions import MAY
from domain.tenants.permitting import permit
from services.api.authentication import authenticate
from services.api.call import Answer, Call, InPieces
from services.api.deps import Deps
from services.api.endpoint import OPEN, OPERATOR, Endpoint
from services.api.figures import Figures
from services.api.noting import note_read
from services.api.operators import need_token
from services.api.problems import answer_to
from services.api.query import pages_of, read_query
from services.api.reading import ClientGone, Receive, check_media_type, decode, read_body
from services.api.refusals import NoSuchPath, NotYetProjected
from services.api.scim.errors import as_scim
from services.api.scim.names import BASE as SCIM
from services.api.tree import Tree

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OURS = ("/v1/", f"{SCIM}/")
NOWHERE = "none"
BARE = (204, 304)
"""With these nothing follows, not even a length (RFC 9110, section 8.6)."""


class Edge:
    """ASGI middleware: takes the requests to its endpoints, and passes on all others."""

    def __init__(self, app: App, deps: Deps, tree: Tree, figures: Figures) -> None:
        self._app = app
        self._deps = deps
        self._tree = tree
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        path, method, route = scope["path"], scope["method"], NOWHERE
        try:
            found = self._tree.find(method, path)
            if found is None and not path.startswith(OURS):
                await self._app(scope, receive, send)
                return
            endpoint, parameters = found or _nowhere()
            route = endpoint.name
            if (traced := scope.get("fastapi.telemetry")) is not None:
                _trace(traced, endpoint)
            answer: Answer | InPieces | Response = await self._answer(endpoint, parameters, scope, receive)
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 – whatever nobody foresaw is answered too, and logged
            answer = answer_to(error, route)
            if path.startswith(SCIM):
                answer = as_scim(answer)
        if isinstance(answer, Response):
            self._figures.note(route, answer.status_code, perf_counter() - started)  # it lasts
            await answer(scope, receive, send)
            return
        await _send_any(send, answer, method, route)
        self._figures.note(route, answer.status, perf_counter() - started)

    async def _answer(
        self, endpoint: Endpoint, parameters: list[str], scope: Scope, receive: Receive
    ) -> Answer | InPieces | Response:
        headers = dict(scope["headers"])
        deps = self._deps
        caller = None
        if endpoint.needs not in (OPEN, OPERATOR):
            caller = await authenticate(deps, headers.get(b"authorization"), deps.clock())
        ids = {name: read(text) for (name, read), text in zip(endpoint.readers, parameters, strict=True)}
        call = Call(deps, scope["method"], scope["path"], deps.clock(), headers, ids, caller=caller)
        call.peer = (scope.get("client") or ("",))[0]
        if endpoint.needs == OPERATOR:
            need_token(call)
        if endpoint.query or scope["query_string"]:
            pages_of(call.tenant if caller else "", endpoint.name)
            call.query = read_query(endpoint.queries, scope["query_string"])
        if endpoint.decoder is not None:
            check_media_type(headers, endpoint.media)
            call.raw = await read_body(receive, headers, deps.settings.most_body)
            call.body = decode(endpoint.decoder, call.raw)
        if not endpoint.carries_out:
            _permit(endpoint, call)
            await _wait(call)
            await note_read(endpoint, call, scope["query_string"])
        return await endpoint.handle(call)


def _trace(traced: Any, endpoint: Endpoint) -> None:
    """Name FastAPI's span by the route, as its own routing would have done."""
    traced.route = endpoint.path
    if traced.span is not None:
        traced.span.update_name(f"{endpoint.method} {endpoint.path}")


def _permit(endpoint: Endpoint, call: Call) -> None:
    """Whether a question may be asked; a command's permission is checked where it is decided, and on record."""
    if endpoint.needs in MAY:
        permit(call.known.tenant, call.member, endpoint.needs, call.at)
        if call.known.key is not None:
            check_key(call.known.key, endpoint.needs)


async def _wait(call: Call) -> None:
    """Until the read models are as far as the caller asks."""
    seq = call.query.get("wait_for")
    if seq is None:
        return
    if not await call.deps.wait_for(call.tenant, seq, call.deps.settings.wait_seconds):
        raise NotYetProjected(f"expected the read models to reach sequence {seq}, but they did not in time")


def _nowhere() -> tuple[Endpoint, list[str]]:
    raise NoSuchPath("expected a path of the API, but there is nothing at this one")


async def _send_any(send: Send, answer: Answer | InPieces, method: str, route: str) -> None:
    if isinstance(answer, InPieces):
        await _send_in_pieces(send, answer, method, route)
    else:
        await _send(send, answer, method)


async def _send(send: Send, answer: Answer, method: str) -> None:
    headers = [*answer.headers]
    if answer.status not in BARE:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})


async def _send_in_pieces(send: Send, answer: InPieces, method: str, route: str) -> None:
    """Of unknown length. What fails on the way has no end, and the server hangs up: no part is taken for the whole."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    try:
        if method != "HEAD":
            async for piece in answer.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except Exception as error:  # noqa: BLE001 – too late for a problem; it is logged like any other
        answer_to(error, route)
        return
    await send({"type": "http.response.body", "body": b""})
