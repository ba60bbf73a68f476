"""The running program: the API, the console and the projector, together or each alone."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
import uvicorn
from fastapi import FastAPI

from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from services.api.app import create_app
from services.api.deps import Deps
from services.api.deps import Settings as ApiSettings
from services.bootstrap import ReadSide, WriteSide, read_side, write_side
from services.console.deps import Deps as ConsoleDeps
from services.console.links import Links
from services.console.routes import console_router
from services.projector import Projector

log = structlog.get_logger("program")


@dataclass(frozen=True)
class Program:
    """What runs in one process; `links` lets people into the console."""

    app: FastAPI
    write: WriteSide
    read: ReadSide
    links: Links


@asynccontextmanager
async def program(dsn: str, settings: Settings, *, with_nothing: bool = False) -> AsyncIterator[Program]:
    """The API and the console on a prepared database."""
    async with AsyncExitStack() as stack:
        write = await stack.enter_async_context(write_side(dsn))
        read = await stack.enter_async_context(read_side(dsn, settings.pool_size))
        deps = _deps(write, read, settings)
        app = create_app(deps, with_nothing=with_nothing)
        links = Links()
        app.include_router(console_router(ConsoleDeps(read.ask, write.commands, deps.clock, links, write.reader.read)))
        yield Program(app, write, read, links)


@contextmanager
def projecting(dsn: str) -> Iterator[Projector]:
    """The projector, for as long as the block runs."""
    projector = Projector(dsn, PROJECTIONS)
    projector.start()
    try:
        yield projector
    finally:
        projector.stop()


async def serve(running: Program, settings: Settings, ready: Callable[[str], None]) -> None:
    """Answer requests until a signal says stop; `ready` hears the address once it is bound."""
    listening = _bind(settings.host, settings.port)
    config = uvicorn.Config(
        running.app,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    host, port = listening.getsockname()[:2]
    ready(f"http://{host}:{port}")
    await uvicorn.Server(config).serve(sockets=[listening])


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(2048)
    return listening


def _deps(write: WriteSide, read: ReadSide, settings: Settings) -> Deps:
    async def positions() -> Mapping[str, int]:
        return {"log": await read.positions.head(), **await read.positions.now()}

    return Deps(
        commands=write.commands,
        ask=read.ask,
        streams=write.reader.read,
        wait_for=read.positions.wait_for,
        positions=positions,
        writer=write.writer,
        settings=ApiSettings(most_body=settings.body_limit),
    )
