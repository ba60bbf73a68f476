"""Reading streams for commands: many callers' streams in one round trip, and the ledger."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple

import psycopg
from psycopg import AsyncConnection
from psycopg.pq.abc import PGresult
from psycopg_pool import AsyncConnectionPool

from commands.ports import Loaded, LogUnavailable, NewEvent, Verdict
from domain.events import Event
from domain.ids import CommandId, TenantId
from infra.event_store.arrays import Bytes, Ints, Uuids
from infra.event_store.binary import integer_from
from infra.event_store.closing import Closing, closing, events_since
from infra.event_store.codec import decode_event_as
from infra.event_store.grouping import Grouped
from infra.event_store.sealing import SealBroken
from infra.event_store.snapshots import StateLost, fold_hash, open_state
from infra.event_store.wire import GIVE_UP_AFTER, RETRY_EVERY, Statement, Wire
from infra.idle import check_async
from infra.keys.subject_keys import SubjectKeys
from infra.roles import ROLES, as_role
from infra.tenancy import as_tenant, entered, entering

# A state that was kept, where its fold is the one wanted; then the events beyond it, or beyond `after`.
STREAMS = Statement("streams", "SELECT * FROM streams($1, $2, $3, $4)", (Uuids, Uuids, Ints, Bytes))
_LEDGER = entered("SELECT c FROM commands c WHERE tenant_id = %(tenant)s AND command_id = %(command)s")
# OFFSET 0 has the row evaluated once, before anything is taken from it.
LEDGER = f"""
    SELECT 'duplicate', (first).last_position, (first).last_seq, (first).recorded_at, (first).result,
           (first).request_hash
    FROM ({_LEDGER} AS first OFFSET 0) found WHERE (first).command_id IS NOT NULL
"""  # noqa: S608  # put together of our own constants
# A command's events stand together; the ledger knows the last of them, and how many they are.
DONE_BY = """
    SELECT e.stream_id::text, e.version, e.body, e.type
    FROM commands c JOIN events e ON e.tenant_id = c.tenant_id AND e.tenant_seq <= c.last_seq
     AND e.tenant_seq > c.last_seq - (convert_from(c.result, 'UTF8')::json ->> 'events')::int
    WHERE c.tenant_id = %s AND c.command_id = %s ORDER BY e.tenant_seq
"""
LAST_SEQ = entered("SELECT tenant_seq FROM events WHERE tenant_id = %(tenant)s ORDER BY tenant_seq DESC LIMIT 1")
NO_FOLD = b""
"""The fold of no kept state: asks for events alone."""
MOST_READS = 64
MOST_STREAMS = 256


class EventUnreadable(Exception):
    """An event of a stream cannot be decoded or opened by this program; which one, where that is known."""

    def __init__(self, stream: str, version: int | None) -> None:
        which = "every event" if version is None else f"event {version}"
        super().__init__(f"expected to read {which} of the stream {stream}, but this program cannot")


class Want(NamedTuple):
    """A stream, from where on, and the fold whose kept state will do for its beginning."""

    tenant: str
    stream: str
    after: int
    fold: bytes


@dataclass(slots=True)
class Found:
    """A stream as stored: a state that was kept at a version (0: none), and the events after it, with their types.

    `key` is that of whom it is about, where the whole stream was asked for.
    """

    version: int = 0
    state: bytes = b""
    key: bytes = b""
    bodies: list[tuple[int, bytes, str]] = field(default_factory=list)


def pool(dsn: str, size: int = 4) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool of connections for what is seldom asked; open it in the event loop that uses it."""
    given = {"autocommit": True}
    dsn = as_role(dsn, ROLES.application)
    return AsyncConnectionPool(dsn, min_size=1, max_size=size, open=False, kwargs=given, check=check_async)


class Reader:
    """Streams and the ledger of one tenant at a time. Raises LogUnavailable, whatever is asked."""

    def __init__(
        self, dsn: str, connections: AsyncConnectionPool[AsyncConnection[Any]], keys: SubjectKeys | None = None
    ) -> None:
        self._keys = keys or SubjectKeys(dsn)
        self._has_own_keys = keys is None
        self._wire = Wire(as_role(dsn, ROLES.application))
        self._grouped = Grouped(self._carry, MOST_READS, MOST_STREAMS)
        self._connections = connections

    async def stop(self) -> None:
        """Answer what is asked, then end."""
        await self._grouped.stop()
        await self._wire.close()
        if self._has_own_keys:
            await self._keys.stop()

    async def read(self, tenant: TenantId, after: Mapping[str, int]) -> Mapping[str, Sequence[Event]]:
        """The events of each stream after a version; a stream without any is missing."""
        found = await self._ask([Want(tenant, stream, version, NO_FOLD) for stream, version in after.items()])
        return {
            stream: await self._events(tenant, stream, after[stream] == 0, one)
            for stream, one in zip(after, found, strict=True)
            if one.bodies
        }

    async def load(self, tenant: TenantId, kinds: Mapping[str, str]) -> Mapping[str, Loaded]:
        """Streams from the states that were kept, or from their beginning."""
        found = await self._ask([Want(tenant, stream, 0, fold_hash(kind)) for stream, kind in kinds.items()])
        return {
            stream: await self._loaded(tenant, stream, kind, one)
            for (stream, kind), one in zip(kinds.items(), found, strict=True)
        }

    async def _loaded(self, tenant: TenantId, stream: str, kind: str, found: Found) -> Loaded:
        events = await self._events(tenant, stream, True, found)
        if not found.version:
            return Loaded(0, None, events)
        try:
            key = (await self._keys.of(tenant, [stream]))[stream]
            return Loaded(found.version, open_state(kind, found.state, tenant, stream, key), events)
        except StateLost:
            # Sealed under a key that is gone by now: its owner was erased, and the events say what is left.
            (whole,) = await self._ask([Want(tenant, stream, 0, NO_FOLD)])
            return Loaded(0, None, await self._events(tenant, stream, True, whole))

    async def _events(self, tenant: TenantId, stream: str, whole: bool, found: Found) -> Sequence[Event]:
        """The events of a stream as it was found, opened; whose it is was told with it when it is whole."""
        if whole:
            self._keys.take(tenant, stream, found.key)
        events = []
        for version, body, kind in found.bodies:
            try:
                events.append((decode_event_as(body, kind), version))
            except Exception as error:
                raise EventUnreadable(stream, version) from error
        try:
            await self._keys.open(tenant, stream, events)
        except SealBroken as error:
            raise EventUnreadable(stream, None) from error
        return [event for event, _ in events]

    async def first_answer(self, tenant: TenantId, command: CommandId) -> Verdict | None:
        """What the ledger holds for a command, if anything."""
        row = await self._row(LEDGER, entering(tenant, command=command))
        return Verdict(*row) if row else None

    async def last_seq(self, tenant: TenantId) -> int:
        """The tenant's last sequence number; 0 before its first event."""
        row = await self._row(LAST_SEQ, entering(tenant))
        return int(row[0] or 0) if row else 0

    async def since(self, tenant: TenantId, seq: int) -> Sequence[NewEvent]:
        """The tenant's events after a sequence, in order."""
        try:
            async with self._connections.connection() as connection:
                return await events_since(connection, self._keys, tenant, seq)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise LogUnavailable(f"expected to reach the log, but: {error}") from error

    async def done_by(self, tenant: TenantId, command: CommandId) -> Sequence[NewEvent]:
        """The events that a command appended, in order; none for one that is not in the ledger."""
        try:
            async with self._connections.connection() as connection, as_tenant(connection, tenant):
                cursor = connection.cursor(binary=True)
                await cursor.execute(DONE_BY, (tenant, command))
                done = [NewEvent(s, v, decode_event_as(body, kind)) async for s, v, body, kind in cursor]
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise LogUnavailable(f"expected to reach the log, but: {error}") from error
        await self._keys.open_new(tenant, done)
        return done

    def closing(self) -> AbstractAsyncContextManager[Closing]:
        """Hold the log still for a moment."""
        return closing(self._connections, self._keys)

    async def _row(self, statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The answer's first row; asked again while the server is away, for reading does no harm."""
        deadline = monotonic() + GIVE_UP_AFTER
        while True:
            try:
                async with self._connections.connection(max(deadline - monotonic(), RETRY_EVERY)) as connection:
                    return await (await connection.execute(statement.encode(), parameters, prepare=True)).fetchone()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if self._connections.closed or monotonic() > deadline:
                    raise LogUnavailable(f"expected to reach the log, but: {error}") from error
            await asyncio.sleep(RETRY_EVERY)

    async def _ask(self, wants: Sequence[Want]) -> Sequence[Found]:
        return await self._grouped.ask(wants, len(wants))

    async def _carry(self, group: Sequence[Sequence[Want]]) -> Sequence[Sequence[Found]]:
        """The streams of many callers in one round trip; what is stored is decoded by each caller."""
        wants = [want for one in group for want in one]
        parameters = (
            Uuids(want.tenant for want in wants),
            Uuids(want.stream for want in wants),
            Ints(want.after for want in wants),
            Bytes(want.fold for want in wants),
        )
        found = iter(_found(await self._wire.ask(STREAMS, parameters), len(wants)))
        return [[next(found) for _ in one] for one in group]


def _found(rows: PGresult, wanted: int) -> list[Found]:
    found = [Found() for _ in range(wanted)]
    value = rows.get_value
    for n in range(rows.ntuples):
        one = found[integer_from(value(n, 0)) - 1]
        stored = value(n, 3) or b""
        kept = integer_from(value(n, 2))
        if kept < 0:
            one.key = stored
        elif kept:
            one.version, one.state = kept, stored
        else:
            one.bodies.append((integer_from(value(n, 1)), stored, (value(n, 4) or b"").decode()))
    return found

