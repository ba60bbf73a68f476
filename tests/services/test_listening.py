"""What the HTTP server does with those who connect and do not ask, or ask for what there is not."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from fastapi import FastAPI
from uvicorn import Server

from services import listening
from services.listening import configuration

ASK = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """A server that answers everything with the bytes it got; its port."""
    app = FastAPI()

    async def echo(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            part: MutableMapping[str, Any] = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    app.mount("/", echo)
    config = configuration(app)
    config.load()
    server = Server(config)
    loop = asyncio.get_running_loop()
    made = await loop.create_server(lambda: config.http_protocol_class(config, server.server_state, {}), "127.0.0.1", 0)  # type: ignore[call-arg]  # as uvicorn calls it
    yield made.sockets[0].getsockname()[1]
    made.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    with suppress(TimeoutError):
        await asyncio.wait_for(made.wait_closed(), 5)


async def hung_up(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(5):
        return await reader.read()


@pytest.mark.parametrize("part", [b"", b"GET / HT", ASK, ASK + b"ab"], ids=["nothing", "line", "head", "half a body"])
async def test_who_does_not_finish_a_request_is_hung_up_on(part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "ARRIVES_WITHIN", 0.2)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(part)
        assert await hung_up(reader) == b""
        writer.close()


async def test_a_second_request_must_arrive_in_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "ARRIVES_WITHIN", 0.3)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK + b"abcd" + ASK + b"ab")
        said = await hung_up(reader)
        assert (said.count(b"200 OK"), said.endswith(b"abcd")) == (1, True)
        writer.close()


async def test_who_has_asked_may_wait_for_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "ARRIVES_WITHIN", 0.2)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK + b"abcd")
        assert (await reader.readuntil(b"abcd")).startswith(b"HTTP/1.1 200 OK")
        await asyncio.sleep(0.5)
        writer.write(ASK + b"efgh")
        assert (await reader.readuntil(b"efgh")).startswith(b"HTTP/1.1 200 OK")
        writer.close()


async def test_an_upgrade_is_not_offered_and_nobody_is_told_to_install_something(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 OK")
        writer.close()
    assert caplog.text == ""
