"""The HTTP server: a port of our own, patience that ends, and an end in good order."""

import asyncio
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from infra.settings import Settings
from services.feeding.response import CONNECTION

KEEP_ALIVE = 65
"""Seconds that an idle connection is kept: a little longer than reverse proxies keep theirs."""
ARRIVES_WITHIN = 60.0
"""Seconds in which a request must have arrived, its body included."""
ENDS_WITHIN = 10
"""Seconds that requests under way have at the end."""
BACKLOG = 2_048

REASONS = {
    errno.EADDRINUSE: "another program does; stop it, or choose another port with ASHIATO_PORT",
    errno.EACCES: "this account may not; choose a port from 1024 with ASHIATO_PORT",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another with ASHIATO_HOST",
}


class CannotListen(RuntimeError):
    """The address is taken, not ours, or none at all."""


@contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    """A socket at the address of the settings, before anything slow begins; nobody is answered yet."""
    host, port = settings.host, settings.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as at:
        at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            at.bind((host, port))
        except OSError as error:
            raise _cannot(host, port, error) from None
        yield at


async def listen(
    app: FastAPI,
    at: socket.socket,
    ready: Callable[[str], Awaitable[None]],
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests until a signal says stop, then finish those under way; `ready` hears the address.

    `stopping` is called before those are waited for: it ends what would go on for ever.
    """
    try:
        at.listen(BACKLOG)
    except OSError as error:
        host, port = at.getsockname()[:2]
        raise _cannot(host, port, error) from None
    server = Server(configuration(app), stopping)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await ready(_address(at))
    await server.serve(sockets=[at])


def configuration(app: FastAPI) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Patient,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=ENDS_WITHIN,
    )


def _cannot(host: str, port: int, error: OSError) -> CannotListen:
    why = REASONS.get(error.errno or 0, (error.strerror or "it cannot").lower())
    return CannotListen(f"expected to listen on {host}:{port}, but {why}")


def _address(at: socket.socket) -> str:
    host, port = at.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would end the process by them, before the rest is closed in order."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, and wait for what is under way."""
        self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def stop(self) -> None:
        """Finish what is under way; asked again, do not wait for it."""
        self.force_exit = self.should_exit
        self.should_exit = True


class Patient(HttpToolsProtocol):
    """A connection whose requests must arrive within ARRIVES_WITHIN; one that sends nothing is closed too."""

    _arriving = True
    _hang_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A part of a request that does not end with it is waited for; whole ones cost no timer."""
        super().data_received(data)
        if self._arriving and self._hang_up is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins to arrive."""
        self._arriving = True
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]  # one of our own

    def on_message_complete(self) -> None:
        """A request has arrived."""
        self._arriving = False
        self._waited()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing more to wait for."""
        self._waited()
        super().connection_lost(exc)

    def _unsupported_upgrade_warning(self) -> None:
        """An upgrade that is not offered is answered as if nobody had asked: no reason to log advice (ws is "none")."""

    def _wait(self) -> None:
        self._hang_up = asyncio.get_running_loop().call_later(ARRIVES_WITHIN, self.transport.close)

    def _waited(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None
