"""Read your writes: wait until the read models have scanned the log through a tenant's event."""

import asyncio
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from infra.tenancy import entered, entering

POSITIONS = """
    SELECT name, min(position) FROM projections WHERE name NOT LIKE '%\\_\\_%' GROUP BY name
"""
# A tenant's events come in one partition; how far the others are is nothing to it.
THROUGH = """
    SELECT partition, min(position) FROM projections WHERE name NOT LIKE '%\\_\\_%' GROUP BY partition
"""
HEAD = "SELECT public.log_head()"
STANDSTILL = """
    SELECT name, max(extract(epoch FROM clock_timestamp() - greatest(moved_at, next)))::float8 FROM (
        SELECT name, moved_at, public.log_time(p.position + 1) AS next
        FROM projections p WHERE name NOT LIKE '%\\_\\_%') behind
    WHERE next IS NOT NULL GROUP BY name
"""
POSITION_OF = entered("SELECT position FROM events WHERE tenant_id = %(tenant)s AND tenant_seq = %(seq)s")
LOOK_EVERY = 0.02


class Positions:
    """How far the read models are. Callers that wait share one look at the database."""

    def __init__(self, connections: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._connections = connections
        self._waiting: list[tuple[str, int, asyncio.Future[None]]] = []
        self._looking: asyncio.Task[None] | None = None
        self._known: dict[int, int] = {}

    async def wait_for(self, tenant: str, seq: int, patience: float = 5.0) -> bool:
        """True once every read model is through the tenant's event `seq`; False after `patience` seconds.

        An event that is not there yet is waited for too.
        """
        if seq == 0:
            return True
        try:
            async with asyncio.timeout(patience):
                await self._through(tenant, await self._position(tenant, seq))
        except TimeoutError:
            return False
        return True

    async def _position(self, tenant: str, seq: int) -> int:
        """Where the tenant's event stands in the log, as soon as it does."""
        while True:
            async with self._connections.connection() as connection:
                row = await (await connection.execute(POSITION_OF, entering(tenant, seq=seq), prepare=True)).fetchone()
            if row and row[0] is not None:
                return int(row[0])
            await asyncio.sleep(LOOK_EVERY)

    async def _through(self, tenant: str, position: int) -> None:
        if self._is_through(tenant, position):
            return
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((tenant, position, passed))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await passed

    async def now(self) -> dict[str, int]:
        """The position of each projection."""
        async with self._connections.connection() as connection:
            return dict(await (await connection.execute(POSITIONS)).fetchall())

    async def head(self) -> int:
        """The position of the log's last event."""
        async with self._connections.connection() as connection:
            row = await (await connection.execute(HEAD)).fetchone()
        return int(row[0]) if row else 0

    async def standstill(self) -> dict[str, float]:
        """For how many seconds each projection has left the next event lie; those that wait for none are missing."""
        async with self._connections.connection() as connection:
            return dict(await (await connection.execute(STANDSTILL)).fetchall())

    async def _look(self) -> None:
        """Look until nobody waits any more."""
        while self._waiting:
            async with self._connections.connection() as connection:
                self._known = dict(await (await connection.execute(THROUGH)).fetchall())
            for tenant, position, passed in self._waiting:
                if self._is_through(tenant, position) and not passed.done():
                    passed.set_result(None)
            self._waiting = [one for one in self._waiting if not one[2].done()]
            if self._waiting:
                await asyncio.sleep(LOOK_EVERY)

    def _is_through(self, tenant: str, position: int) -> bool:
        return position <= self._known.get(_partition(tenant, len(self._known)), 0)


def _partition(tenant: str, partitions: int) -> int:
    """Where a tenant's events come, when read models follow so many partitions."""
    if partitions < 2:
        return 0
    from infra.kafka.partitions import partition_of

    return partition_of(tenant, partitions)
