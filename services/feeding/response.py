"""A feed as an answer: FastAPI's event stream, on a connection whose buffer is small."""

import socket
from collections.abc import Callable

from fastapi.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send

from services.feeding.reader import Reader

SEND_BUFFER = 64 * 1024
"""Bytes that the system keeps for a reader who does not read: it would keep megabytes for each."""
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
CONNECTION = "ashiato.connection"
"""Under this name the server hands out the transport of a connection (services/listening.py)."""


class FeedResponse(EventSourceResponse):
    """Ends with its reader, however that is."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.pieces(), headers=HEADERS)
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the feed ends or the reader has gone."""
        self._reader.connected(_bounded(scope))
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._reader.left()


def _bounded(scope: Scope) -> Callable[[], None] | None:
    """Make the connection's buffer small; how to cut it. None under a server that hands out no connection."""
    transport = scope.get("extensions", {}).get(CONNECTION)
    if transport is None:
        return None
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    abort: Callable[[], None] = transport.abort
    return abort
