"""What is written as people read: the log of auditors' reads, and the day that a key was used last."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import structlog
from psycopg import AsyncConnection, Error
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from infra.ids import uuid7
from infra.tenancy import as_tenant

NOTE = """
    INSERT INTO public.auditor_reads (tenant_id, at, read_id, member_id, what, asked, seq)
    VALUES (%(tenant)s, %(at)s, %(id)s, %(member)s, %(what)s, %(asked)s, coalesce((
        SELECT tenant_seq FROM public.events WHERE tenant_id = %(tenant)s ORDER BY tenant_seq DESC LIMIT 1), 0))
"""
USED = """
    INSERT INTO public.api_key_uses (tenant_id, key_id, used_on)
    SELECT %s, * FROM unnest(%s::uuid[], %s::date[])
    ON CONFLICT (tenant_id, key_id) DO UPDATE SET used_on = EXCLUDED.used_on
    WHERE api_key_uses.used_on < EXCLUDED.used_on
"""
PATIENCE = 5.0
MOST_KNOWN = 50_000

log = structlog.get_logger("ashiato.access")


class ReadNotWritten(Exception):
    """A read could not be put on record, so it must not be answered."""


class AccessLog:
    """Writes both; reads at once, uses soon, and once a day for each key."""

    def __init__(self, connections: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._connections = connections
        self._used: dict[tuple[str, str], date] = {}
        self._waiting: dict[tuple[str, str], date] = {}
        self._writing: asyncio.Task[None] | None = None

    async def note(self, tenant: str, member: str, what: str, asked: Mapping[str, str], at: datetime) -> None:
        """Put a read on record. Raises ReadNotWritten."""
        given = {"tenant": tenant, "at": at, "id": uuid7(), "member": member, "what": what, "asked": Jsonb(dict(asked))}
        try:
            async with (
                asyncio.timeout(PATIENCE),
                self._connections.connection(PATIENCE) as connection,
                as_tenant(connection, tenant),
            ):
                await connection.execute(NOTE, given, prepare=True)
        except (Error, PoolTimeout, TimeoutError, OSError) as error:
            log.warning("read not written", error=type(error).__name__, what=what)
            raise ReadNotWritten(f"expected to put the read {what!r} on record, but it could not be written") from error

    def used(self, tenant: str, key: str, day: date) -> None:
        """A key opened something on that day; what is lost of it is told again on the next use."""
        if self._used.get((tenant, key)) == day:
            return
        if len(self._used) >= MOST_KNOWN:
            self._used.clear()
        self._used[tenant, key] = self._waiting[tenant, key] = day
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def settled(self) -> None:
        """Wait until every use is written."""
        if self._writing is not None:
            with suppress(asyncio.CancelledError):
                await self._writing

    async def _write(self) -> None:
        while self._waiting:
            uses, self._waiting = self._waiting, {}
            by_tenant: dict[str, dict[str, date]] = {}
            for (tenant, key), day in uses.items():
                by_tenant.setdefault(tenant, {})[key] = day
            try:
                async with self._connections.connection(PATIENCE) as connection:
                    for tenant, days in by_tenant.items():
                        async with as_tenant(connection, tenant):
                            await connection.execute(USED, (tenant, [*days], [*days.values()]))
            except (Error, PoolTimeout, OSError) as error:
                log.warning("uses of keys not written", error=type(error).__name__, keys=len(uses))
                for used in uses:
                    self._used.pop(used, None)
