"""Holding the log still: a decision about many streams looks once more, and appends, while nobody else can.

It takes the lock that every append takes, first, and keeps it until its own append is committed. Others wait as they
do for any other append, a little longer; a connection that is lost lets go of the lock.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from commands.ports import Entry, LogUnavailable, NewEvent, Verdict
from domain.ids import TenantId
from infra.event_store.arrays import register
from infra.event_store.codec import decode_event_as
from infra.event_store.writer import bodies_of, parameters_of
from infra.keys.subject_keys import SubjectKeys
from infra.tenancy import as_tenant

LOCK = "SELECT pg_advisory_xact_lock(4702394921427289928)"
PATIENCE = "SET LOCAL lock_timeout = '20s'; SET LOCAL statement_timeout = '60s'"
SINCE = """
    SELECT stream_id::text, version, body, type FROM events
    WHERE tenant_id = %s AND tenant_seq > %s ORDER BY tenant_seq
"""
APPEND = """
    SELECT verdict, last_position, last_seq, recorded_at, result, request_hash
    FROM append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

Connections = AsyncConnectionPool[AsyncConnection[Any]]


class Closing:
    """The log while nobody else can append."""

    def __init__(self, connection: AsyncConnection[Any], keys: SubjectKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """The tenant's events after a sequence, in order."""
        return await events_since(self._connection, self._keys, tenant, seq)

    async def append(self, entry: Entry) -> Verdict:
        """Append one command's events; durable when the log is let go."""
        sealed = await self._keys.sealed(entry, nobody_is_new=True)
        parameters = parameters_of([(entry, bodies_of(entry, sealed.events))])
        cursor = await self._connection.execute(APPEND, parameters)
        row = await cursor.fetchone()
        if row is None:
            raise RuntimeError("expected a verdict for the command, but there is none")
        verdict, position, seq, at, result, request_hash = row
        return Verdict(verdict, position, seq, at, result or b"", request_hash or b"")


@asynccontextmanager
async def closing(connections: Connections, keys: SubjectKeys) -> AsyncIterator[Closing]:
    """Hold the log still for a moment. Raises LogUnavailable; what was appended then is told by the ledger."""
    try:
        async with connections.connection() as connection, connection.transaction():
            register(connection.adapters)
            await connection.execute(PATIENCE)
            await connection.execute(LOCK)
            yield Closing(connection, keys)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise LogUnavailable(f"expected to reach the log, but: {error}") from error


async def events_since(
    connection: AsyncConnection[Any], keys: SubjectKeys, tenant: TenantId, seq: int
) -> Sequence[NewEvent]:
    """A tenant's events after a sequence, in order."""
    async with as_tenant(connection, tenant):
        cursor = connection.cursor(binary=True)
        await cursor.execute(SINCE, (tenant, seq))
        stored = await cursor.fetchall()
    news = [NewEvent(stream, version, decode_event_as(body, kind)) for stream, version, body, kind in stored]
    await keys.open_new(tenant, news)
    return news
