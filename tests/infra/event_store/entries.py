"""Entries for the writer, the shortest ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from commands.ports import Entry, NewEvent, Seen
from domain.ids import CommandId, MemberId, TenantId
from domain.runs.events import Commented
from infra.event_store.writer import Writer
from infra.ids import uuid7
from tests.infra.event_store.appending import TENANT


def entry(stream: str | None = None, after: int = 0, count: int = 1, **others: Any) -> Entry:
    """A command that comments on a stream."""
    stream = stream or uuid7()
    comment = Commented(None, MemberId("m"), "x")
    given: dict[str, Any] = {
        "tenant": TenantId(TENANT),
        "command": CommandId(uuid7()),
        "request_hash": b"asked",
        "result": b"first",
        "seen": [Seen(stream, after, True)],
        "events": [NewEvent(stream, after + n, comment) for n in range(1, count + 1)],
        "actor": None,
    }
    return Entry(**given | others)


@asynccontextmanager
async def writing(dsn: str) -> AsyncIterator[Writer]:
    """A started writer."""
    writer = Writer(dsn)
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


async def commands_in_log(dsn: str) -> list[str]:
    """The command of each event, by position."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(
            "SELECT convert_from(body, 'UTF8')::json ->> 'command' FROM events ORDER BY position"
        )
        return [row[0] for row in await cursor.fetchall()]
