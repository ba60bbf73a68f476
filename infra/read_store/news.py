"""What a feed reads of the log: the news of all tenants that somebody listens for, and one tenant's own past.

Both end where every read model has scanned the log, so that whoever hears of an event finds it in every answer.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from infra.read_store.waiting import Positions
from infra.tenancy import as_tenant, entered, entering

# The stretch of the log first, whatever the planner thinks of the tenants: no index of theirs is in its order.
NEWS = """
    WITH stretch AS MATERIALIZED (
        SELECT position, tenant_id, tenant_seq, stream_id, type, recorded_at, body FROM public.events
        WHERE position > %(after)s AND position <= %(through)s)
    SELECT tenant_id::text, tenant_seq, stream_id::text, type, recorded_at, body FROM stretch
    WHERE tenant_id = ANY(%(tenants)s::uuid[]) ORDER BY position
"""
PAST = """
    SELECT tenant_id::text, tenant_seq, stream_id::text, type, recorded_at, body FROM public.events
    WHERE tenant_id = %(tenant)s AND tenant_seq > %(after)s AND tenant_seq <= %(after)s + %(most)s
      AND position <= %(through)s
    ORDER BY tenant_seq
"""
LAST_SHOWN = entered("""
    SELECT tenant_seq FROM public.events WHERE tenant_id = %(tenant)s AND position <= %(through)s
    ORDER BY tenant_seq DESC LIMIT 1
""")
LAST = entered("""
    SELECT tenant_seq FROM public.events WHERE tenant_id = %(tenant)s ORDER BY tenant_seq DESC LIMIT 1
""")


class Stored(NamedTuple):
    """An event as the log has it, without its global position: that would tell what others do."""

    tenant: str
    seq: int
    stream: str
    type: str
    at: datetime
    body: bytes


class News:
    """Reads the log for feeds. `of_all` are connections that see every tenant's events, `connections` one's."""

    def __init__(
        self,
        of_all: AsyncConnectionPool[AsyncConnection[Any]],
        connections: AsyncConnectionPool[AsyncConnection[Any]],
        positions: Positions,
    ) -> None:
        self._of_all = of_all
        self._connections = connections
        self._positions = positions

    async def through(self) -> int:
        """The position that every read model has scanned the log through."""
        return min((await self._positions.now()).values(), default=0)

    async def between(self, after: int, through: int, tenants: Collection[str]) -> Sequence[Stored]:
        """The events of these tenants beyond a position, up to and with another, in order."""
        given = {"after": after, "through": through, "tenants": list(tenants)}
        async with self._of_all.connection() as connection:
            return [Stored(*row) for row in await (await connection.execute(NEWS, given, prepare=True)).fetchall()]

    async def past(self, tenant: str, after: int, through: int, most: int) -> Sequence[Stored]:
        """At most so many events of a tenant beyond its sequence `after`, up to and with a position, in order."""
        given = {"tenant": tenant, "after": after, "through": through, "most": most}
        async with self._entered(tenant) as connection:
            return [Stored(*row) for row in await (await connection.execute(PAST, given, prepare=True)).fetchall()]

    async def last_shown(self, tenant: str, through: int) -> int:
        """The tenant's last sequence up to and with a position; 0 before its first event."""
        return await self._number(LAST_SHOWN, tenant, through=through)

    async def last(self, tenant: str) -> int:
        """The tenant's last sequence, whether or not read models have scanned it."""
        return await self._number(LAST, tenant)

    async def _number(self, statement: str, tenant: str, **given: int) -> int:
        async with self._connections.connection() as connection:
            row = await (await connection.execute(statement.encode(), entering(tenant, **given))).fetchone()
        return int(row[0] or 0) if row else 0

    @asynccontextmanager
    async def _entered(self, tenant: str) -> AsyncIterator[AsyncConnection[Any]]:
        async with self._connections.connection() as connection, as_tenant(connection, tenant):
            yield connection
