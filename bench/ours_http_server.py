"""Our HTTP API as uvicorn starts it for the bench: the program's own app, without the projector."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import Any

from infra.settings import Settings
from services.database import prepare
from services.program import program

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Server:
    """An ASGI application that opens the program at start-up and closes it at shut-down."""

    def __init__(self, dsn: str) -> None:
        """Prepare the database."""
        prepare(dsn)
        self._dsn = dsn
        self._stack = AsyncExitStack()
        self._app: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request, or the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._app is None:
            raise RuntimeError("expected the program to be open")
        await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        opening = program(self._dsn, Settings(), with_nothing=True)
        self._app = (await self._stack.enter_async_context(opening)).app
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def app() -> Server:
    """What uvicorn starts."""
    return Server(os.environ["BENCH_DSN"])
