"""A whole program on a real socket, and those who listen to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import httpx2
from psycopg import connect

from commands.request import Request
from commands.runs import Comment
from domain.ids import CommandId, MemberId, RunId, TenantId
from infra.ids import uuid7
from infra.settings import Settings
from services.database import prepare
from services.feeding.feeds import Feeds
from services.feeding.limits import Limits
from services.listening import Server, configuration
from services.program import Program, program, projecting
from tests.services.api.world import Company, World

PATIENCE = 30.0
DROPPED = "dropped"


class Block(NamedTuple):
    """What stands between two empty lines of a stream."""

    id: int | None
    event: str | None
    data: Any
    comment: str | None

    @property
    def problem(self) -> str:
        """The code of the problem that a feed ends with."""
        assert self.event == DROPPED, self
        return str(self.data["type"]).removeprefix("/problems/")


@dataclass(frozen=True)
class Running(World):
    """A program that people listen to; its clients are closed with it."""

    program: Program
    server: Server
    address: str
    clients: list[httpx2.AsyncClient]

    @property
    def feeds(self) -> Feeds:
        """Its feeds."""
        return self.program.feeds

    def as_(self, key: str) -> httpx2.AsyncClient:
        """A client that shows a key."""
        made = client(self.address, authorization=f"Bearer {key}")
        self.clients.append(made)
        return made

    async def comments(self, acme: Company, run: str, count: int) -> int:
        """So many events on a run, as fast as they can be had; the last one's sequence."""

        async def one() -> int:
            request = Request(TenantId(acme.tenant), CommandId(uuid7()), self.now(), actor=MemberId(acme.owner))
            receipt = await self.program.write.commands.execute(request, Comment(RunId(run), None, "確認"))
            return receipt.seq

        return max(await asyncio.gather(*(one() for _ in range(count))), default=0)

    def now(self) -> Any:
        """The program's clock."""
        return self.program.deps.clock()

    async def shown(self, acme: Company) -> int:
        """Until the read models show all that the company did; its last sequence."""
        last = self.events(acme)
        await acme.ok("GET", f"/v1/departments?wait_for={last}")
        return last

    async def until_empty(self) -> None:
        """Until no feed is open."""
        async with asyncio.timeout(PATIENCE):
            while self.feeds.open_now:  # noqa: ASYNC110 – what is counted tells nobody
                await asyncio.sleep(0.01)


def client(address: str, **headers: str) -> httpx2.AsyncClient:
    """A client; there is no TLS here."""
    limits = httpx2.Limits(max_connections=None)
    return httpx2.AsyncClient(
        base_url=address, headers=headers, verify=False, trust_env=False, timeout=PATIENCE, limits=limits
    )


@asynccontextmanager
async def running(dsn: str, limits: Limits | None = None) -> AsyncIterator[Running]:
    """The program with its projector, listening on loopback."""
    prepare(dsn)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with AsyncExitStack() as stack:
        projector = stack.enter_context(projecting(dsn))
        made = await stack.enter_async_context(program(dsn, Settings(), projector, limits=limits))
        config = configuration(made.app)
        config.loop = "none"
        server = Server(config, made.feeds.close)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        clients = [client(address)]
        one = Running(made.app, made.deps, clients[0], dsn, made, server, address, clients)
        try:
            while not server.started:  # noqa: ASYNC110 – uvicorn sets a flag and tells nobody
                await asyncio.sleep(0.01)
            yield one
        finally:
            server.should_exit = True
            for each in clients:
                await each.aclose()
            await serving


class Feed:
    """An open feed, block by block."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._answer = answer
        self._lines = answer.aiter_lines()
        self.last: int | None = None

    @property
    def status(self) -> int:
        """Of the answer."""
        return self._answer.status_code

    async def block(self) -> Block:
        """The next one. Raises StopAsyncIteration at the end, TimeoutError when none comes."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if not line and fields:
                    return self._noted(fields)
                name, _, value = line.partition(":")
                fields[name or "comment"] = value.removeprefix(" ")
        raise StopAsyncIteration

    async def change(self) -> Block:
        """The next block that holds something."""
        while True:
            found = await self.block()
            if found.data is not None:
                return found

    async def through(self, seq: int) -> list[int]:
        """The ids of the changes up to and with a sequence."""
        found: list[int] = []
        while not found or found[-1] < seq:
            block = await self.change()
            assert block.event is None, block
            assert block.id == block.data["seq"]
            found.append(block.data["seq"])
        return found

    async def rest(self) -> list[Block]:
        """All that comes until the feed ends."""
        found = []
        while True:
            try:
                found.append(await self.block())
            except StopAsyncIteration:
                return found

    def _noted(self, fields: dict[str, str]) -> Block:
        number = int(fields["id"]) if "id" in fields else None
        self.last = number if number is not None else self.last
        data = json.loads(fields["data"]) if "data" in fields else None
        return Block(number, fields.get("event"), data, fields.get("comment"))


@asynccontextmanager
async def listening(
    who: httpx2.AsyncClient, after: int | None = None, *, last: int | None = None, path: str = "/v1/feed"
) -> AsyncIterator[Feed]:
    """A feed that is open; its first words have come. `last` is what a browser says that was cut off."""
    query = {} if after is None else {"after": str(after)}
    headers = {} if last is None else {"last-event-id": str(last)}
    async with who.stream("GET", path, params=query, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        feed = Feed(answer)
        assert (await feed.block()).comment is not None
        yield feed


class Deaf:
    """A client that opens a feed and does not read it; its own buffer is small."""

    def __init__(self, to: Running, key: str) -> None:
        host, _, port = to.address.removeprefix("http://").partition(":")
        self._ask = f"GET /v1/feed HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\r\n".encode()
        self._at = (host, int(port))
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._socket.setblocking(False)
        await loop.sock_connect(self._socket, self._at)
        await loop.sock_sendall(self._socket, self._ask)
        return self

    async def rest(self) -> bytes:
        """All that comes until the server hangs up."""
        loop, found = asyncio.get_running_loop(), b""
        async with asyncio.timeout(PATIENCE):
            while part := await loop.sock_recv(self._socket, 65_536):
                found += part
                if found.endswith(b"0\r\n\r\n"):
                    break
        return found

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()


def told(dsn: str, tenant: str) -> Iterator[tuple[int, str]]:
    """Sequences and types of a company's events, as the log has them."""
    with connect(dsn) as connection:
        yield from connection.execute(
            "SELECT tenant_seq, type FROM events WHERE tenant_id = %s ORDER BY tenant_seq", (tenant,)
        )
