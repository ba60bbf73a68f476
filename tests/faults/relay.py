"""A relay in front of PostgreSQL that can lose an answer: what was asked is carried out, and nobody hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Relay:
    """Passes bytes to and fro. After `lose_next_answer()` the next one is swallowed and its connection cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._losing = False
        self._serving: set[asyncio.Task[None] | None] = set()
        self.lost = asyncio.Event()

    def lose_next_answer(self) -> None:
        """Swallow what the server says next, and hang up."""
        self._losing = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or the relay hangs up."""
        self._serving.add(asyncio.current_task())
        answers, questions = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [self._pass(reader, questions), self._pass_back(answers, writer)]
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for side in (questions, writer):
                side.transport.abort()

    async def hang_up(self) -> None:
        """End every connection."""
        for task in self._serving:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()

    async def _pass_back(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if self._losing:
                self._losing = False
                self.lost.set()
                return
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def relayed(dsn: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to the server of a DSN, and the DSN that goes through it."""
    parts = urlsplit(dsn)
    assert parts.port is not None
    relay = Relay(parts.port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield relay, parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
    finally:
        server.close()
        await relay.hang_up()
