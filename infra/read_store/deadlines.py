"""The deadlines of all companies together, in the order in which they come: the scheduler's, and no customer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row
from psycopg_pool import AsyncConnectionPool

DUE = """
    SELECT tenant_id::text AS tenant, kind, subject::text, at FROM deadlines.deadline
    WHERE at <= %(now)s AND (at, tenant_id, kind, subject) > (%(at)s, %(tenant)s::uuid, %(kind)s, %(subject)s::uuid)
    ORDER BY at, deadline.tenant_id, kind, deadline.subject LIMIT %(limit)s
"""
DUE_FIRST = """
    SELECT tenant_id::text AS tenant, kind, subject::text, at FROM deadlines.deadline
    WHERE at <= %(now)s ORDER BY at, deadline.tenant_id, kind, deadline.subject LIMIT %(limit)s
"""
NEXT = "SELECT at FROM deadlines.deadline WHERE at > %s ORDER BY at LIMIT 1"
LATE = """
    SELECT count(*)::int, coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float8
    FROM deadlines.deadline WHERE at <= clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that time brings; a company, a kind and a subject have one at a time."""

    tenant: str
    kind: str
    subject: str
    at: datetime


class Late(NamedTuple):
    """How many deadlines have passed and wait to be carried out, and for how many seconds the first of them has."""

    due: int
    seconds: float


async def due(
    connection: AsyncConnection[Any], now: datetime, limit: int, after: Deadline | None = None
) -> Sequence[Deadline]:
    """At most `limit` deadlines that have passed, the oldest first, beyond one of them."""
    given: dict[str, object] = {"now": now, "limit": limit}
    if after is not None:
        given |= {"at": after.at, "tenant": after.tenant, "kind": after.kind, "subject": after.subject}
    async with connection.cursor(row_factory=class_row(Deadline)) as cursor:
        return await (await cursor.execute(DUE if after else DUE_FIRST, given, prepare=True)).fetchall()


async def next_after(connection: AsyncConnection[Any], now: datetime) -> datetime | None:
    """When the next deadline comes; None when there is none."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        row = await (await cursor.execute(NEXT, (now,), prepare=True)).fetchone()
    return row[0] if row else None


async def late(connections: AsyncConnectionPool[AsyncConnection[Any]]) -> Late:
    """What waits to be carried out, whatever process is to do it."""
    async with connections.connection() as connection:
        row = await (await connection.execute(LATE)).fetchone()
    return Late(*row) if row else Late(0, 0.0)
