"""Reading the log: streams for commands, and the whole in order for projections."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from commands.ports import Loaded, LogUnavailable, Verdict
from domain.events import Event
from domain.ids import CommandId, TenantId
from infra.event_store.arrays import Bytes, Ints, Uuids, register
from infra.event_store.codec import decode_event
from infra.event_store.snapshots import decode as decode_state
from infra.event_store.snapshots import fold_hash

STREAMS = """
    SELECT e.stream_id::text, e.body
    FROM unnest(%s, %s) s (stream, after)
    JOIN events e ON e.tenant_id = %s AND e.stream_id = s.stream AND e.version > s.after
    ORDER BY e.stream_id, e.version
"""
STREAM = """
    SELECT body FROM events WHERE tenant_id = %s AND stream_id = %s AND version > %s ORDER BY version
"""
LOAD = """
    WITH kept AS (
        SELECT s.stream_id, s.version, s.state
        FROM unnest(%(streams)s, %(folds)s) w (stream, fold)
        JOIN snapshots s ON s.tenant_id = %(tenant)s AND s.stream_id = w.stream AND s.fold = w.fold)
    SELECT stream_id::text, 0, version, state FROM kept
    UNION ALL
    SELECT e.stream_id::text, e.version, 0, e.body
    FROM unnest(%(streams)s) w (stream) LEFT JOIN kept ON kept.stream_id = w.stream
    JOIN events e ON e.tenant_id = %(tenant)s AND e.stream_id = w.stream AND e.version > coalesce(kept.version, 0)
    ORDER BY 1, 2
"""
LEDGER = """
    SELECT 'duplicate', last_position, last_seq, recorded_at, result, request_hash
    FROM commands WHERE tenant_id = %s AND command_id = %s
"""

GIVE_UP_AFTER = 20.0
RETRY_EVERY = 0.05


async def configure(connection: AsyncConnection[Any]) -> None:
    """Every connection of the pool: no transaction around a single read, and our arrays."""
    await connection.set_autocommit(True)
    register(connection.adapters)


def pool(dsn: str, size: int = 4) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool of reading connections; open it in the event loop that uses it."""
    return AsyncConnectionPool(dsn, min_size=1, max_size=size, open=False, configure=configure)


class Reader:
    """Streams and the ledger of one tenant at a time."""

    def __init__(self, connections: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._connections = connections

    async def read(self, tenant: TenantId, after: Mapping[str, int]) -> Mapping[str, Sequence[Event]]:
        """The events of each stream after a version, in one round trip. Raises LogUnavailable, as all of these do."""
        if len(after) == 1:
            return await self._read_one(tenant, *next(iter(after.items())))
        streams: dict[str, list[Event]] = defaultdict(list)
        for stream, body in await self._rows(STREAMS, (Uuids(after), Ints(after.values()), tenant)):
            streams[stream].append(decode_event(body))
        return streams

    async def load(self, tenant: TenantId, kinds: Mapping[str, str]) -> Mapping[str, Loaded]:
        """Streams from the states that were kept, or from their beginning, in one round trip."""
        given = {"tenant": tenant, "streams": Uuids(kinds), "folds": Bytes(map(fold_hash, kinds.values()))}
        kept: dict[str, tuple[int, Any]] = {}
        events: dict[str, list[Event]] = {stream: [] for stream in kinds}
        for stream, version, kept_version, stored in await self._rows(LOAD, given):
            if version:
                events[stream].append(decode_event(stored))
                continue
            kept[stream] = kept_version, decode_state(kinds[stream], stored)
        return {stream: Loaded(*kept.get(stream, (0, None)), events[stream]) for stream in kinds}

    async def first_answer(self, tenant: TenantId, command: CommandId) -> Verdict | None:
        """What the ledger holds for a command, if anything."""
        rows = await self._rows(LEDGER, (tenant, command))
        return Verdict(*rows[0]) if rows else None

    async def _read_one(self, tenant: TenantId, stream: str, after: int) -> Mapping[str, Sequence[Event]]:
        events = [decode_event(body) for (body,) in await self._rows(STREAM, (tenant, stream, after))]
        return {stream: events} if events else {}

    async def _rows(self, statement: str, parameters: Any) -> list[Any]:
        """The answer; asked again while the server is away, for reading does no harm."""
        deadline = monotonic() + GIVE_UP_AFTER
        while True:
            try:
                async with self._connections.connection(max(deadline - monotonic(), RETRY_EVERY)) as connection:
                    cursor = await connection.execute(statement, parameters, prepare=True, binary=True)
                    return await cursor.fetchall()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if self._connections.closed or monotonic() > deadline:
                    raise LogUnavailable(f"expected to reach the log, but: {error}") from error
            await asyncio.sleep(RETRY_EVERY)
