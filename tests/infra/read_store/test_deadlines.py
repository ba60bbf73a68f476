"""Deadlines of all companies are gone through in order, each once, without looking at those that are not due."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from psycopg import AsyncConnection

from infra.ids import uuid7
from infra.read_store.deadlines import DUE, DUE_FIRST, NEXT, Deadline, due, next_after
from infra.read_store.live import connect, ensure
from projections.catalogue import PROJECTIONS

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
FILL = """
    INSERT INTO deadlines.deadline
    SELECT gen_random_uuid(), gen_random_uuid(), 'invitation', gen_random_uuid(),
           %s::timestamptz + n * interval '1 minute'
    FROM generate_series(-%s::int, %s::int) n
"""


@pytest_asyncio.fixture
async def connection(database: str) -> AsyncIterator[AsyncConnection[Any]]:
    with connect(database) as prepared:
        ensure(prepared, PROJECTIONS)
    async with await AsyncConnection.connect(database, autocommit=True) as opened:
        yield opened


async def put(connection: AsyncConnection[Any], *deadlines: Deadline) -> None:
    for one in deadlines:
        row = (one.tenant, one.tenant, one.kind, one.subject, one.at)
        await connection.execute("INSERT INTO deadlines.deadline VALUES (%s, %s, %s, %s, %s)", row)


async def gone_through(connection: AsyncConnection[Any], limit: int) -> list[Deadline]:
    found = list(await due(connection, NOON, limit))
    page = found
    while len(page) == limit:
        page = list(await due(connection, NOON, limit, page[-1]))
        found += page
    return found


async def test_pages_hold_what_is_due_once_and_in_order(connection: AsyncConnection[Any]) -> None:
    tenants = [uuid7() for _ in range(3)]
    past = [
        Deadline(tenant, kind, uuid7(), NOON - timedelta(hours=hours))
        for tenant in tenants
        for kind in ("invitation", "trial")
        for hours in (0, 0, 1, 5)
    ]
    future = Deadline(tenants[0], "trial", uuid7(), NOON + timedelta(microseconds=1))
    await put(connection, *reversed(past), future)
    expected = sorted(past, key=lambda one: (one.at, one.tenant, one.kind, one.subject))
    for limit in (1, 4, 100):
        assert await gone_through(connection, limit) == expected
    assert await next_after(connection, NOON) == future.at
    assert await next_after(connection, future.at) is None


async def test_neither_question_reads_more_than_it_answers(connection: AsyncConnection[Any]) -> None:
    await connection.execute(FILL, (NOON, 5_000, 15_000))
    await connection.execute("ANALYZE deadlines.deadline")
    last = (await due(connection, NOON, 10))[-1]
    given = {"now": NOON, "limit": 10, "at": last.at, "tenant": last.tenant, "kind": last.kind, "subject": last.subject}
    for sql, parameters in ((DUE_FIRST, given), (DUE, given), (NEXT, (NOON,))):
        rows = await (await connection.execute(f"EXPLAIN {sql}", parameters)).fetchall()
        plan = "\n".join(row for (row,) in rows)
        assert "using deadline_at" in plan
        assert "Sort" not in plan
        assert "Filter" not in plan
