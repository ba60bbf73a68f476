"""The same server on a real socket: what is sent goes through uvicorn and its parser, as it does for a client."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import uvicorn

from tests.services.api.world import Company, World


@dataclass(frozen=True)
class Served(World):
    """One server, by its address; its clients are closed with it."""

    address: str = ""
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def as_(self, key: str) -> httpx2.AsyncClient:
        """A client that shows a key."""
        made = _client(self.address, authorization=f"Bearer {key}")
        self.clients.append(made)
        return made


def _client(address: str, **headers: str) -> httpx2.AsyncClient:
    # There is no TLS here, and reading certificates takes longer than all that is asked.
    return httpx2.AsyncClient(base_url=address, headers=headers, verify=False, trust_env=False, timeout=30)


@asynccontextmanager
async def served(api: World) -> AsyncIterator[Served]:
    """The application of a world, listening on loopback."""
    # Of a socket that does not say that it is TCP asyncio does not know that small writes are not to wait.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.app, lifespan="off", ws="none", log_config=None))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    made = Served(api.app, api.deps, _client(address), api.dsn, address)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_ended, server, running)
        stack.push_async_callback(made.client.aclose)
        while not server.started:  # noqa: ASYNC110 – uvicorn sets a flag and tells nobody
            await asyncio.sleep(0.01)
        yield made
        for each in made.clients:
            await each.aclose()


async def _ended(server: uvicorn.Server, running: asyncio.Task[None]) -> None:
    server.should_exit = True
    await running


async def company(api: Served) -> Company:
    """A company whose plan has room for everyone."""
    made = await api.company()
    await made.ok("PUT", "/v1/plan", {"plan": "enterprise"})
    return made
