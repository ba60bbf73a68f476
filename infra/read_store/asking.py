"""Asking questions: of the live tables now, or of rows folded anew as of an instant or a sequence, by the same SQL."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg import AsyncConnection, Connection
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from infra.idle import check_async
from infra.read_store.past import Past, PastUnfoldable, fold_past
from infra.read_store.refused import is_refusal
from infra.read_store.tables import once, schemas
from infra.roles import ROLES, as_role
from infra.tenancy import entered, entering
from projections.catalogue import PROJECTIONS
from projections.engine import Projection
from queries.asking import AsOf, Question

R = TypeVar("R")

OWNERS = {table.table: (projection, table) for projection in PROJECTIONS for table in projection.tables}
SEQ_AT = entered("""
    SELECT tenant_seq FROM events WHERE tenant_id = %(tenant)s AND recorded_at <= %(at)s
    ORDER BY recorded_at DESC, tenant_seq DESC LIMIT 1
""")
LAST_SEQ = entered("SELECT tenant_seq FROM events WHERE tenant_id = %(tenant)s ORDER BY tenant_seq DESC LIMIT 1")
# A tenant's sequence, and the least that some projections have scanned.
SCANNED = entered("""
    SELECT coalesce((SELECT min(position) FROM projections WHERE name = ANY (%(names)s)), 0) >= coalesce(
        (SELECT position FROM events WHERE tenant_id = %(tenant)s AND tenant_seq = %(seq)s), 0)
""")
# The first event that some of a tenant's streams wait with, up to a sequence.
WAITING = entered("""
    SELECT json_build_array(projection, seq) FROM parked_streams
    WHERE tenant_id = %(tenant)s AND projection = ANY (%(names)s) AND seq <= %(seq)s
      AND (%(stream)s::uuid IS NULL OR stream_id = %(stream)s) ORDER BY seq LIMIT 1
""")
LAST_ERASURE = entered("SELECT max(position) FROM erasures WHERE tenant_id = %(tenant)s")
PLANNING = ("plan_cache_mode TO force_custom_plan", "enable_seqscan TO off")
"""Who asks, and for how much, decides the plan: one for all takes up to four times as long as planning does. And each
question is about one tenant, whose rows an index finds: reading a table from end to end reads everyone's."""
PLANNING_THEN = "SET LOCAL plan_cache_mode TO auto"
"""Rows of then are in the values: planned for them, all of them would be read twice."""
MOST_KEPT = 32 * 2**20
LOOK_EVERY = 0.02


class AsOfUnknown(ValueError):
    """There is no such past: it lies in the future."""


class AsOfNotScanned(Exception):
    """The read models have not scanned the log as far as that past; asking again is safe."""


def reading_pool(dsn: str, size: int = 4, role: str = ROLES.reader) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool of connections that see the read models' tables by their names; open it in its event loop.

    A reader sees the rows of the tenant that its statement names; who works for all tenants asks as the projector.
    """

    async def configure(connection: AsyncConnection[Any]) -> None:
        await connection.set_autocommit(True)
        await connection.execute(f"SET search_path TO {schemas(PROJECTIONS)}")
        for setting in PLANNING:
            await connection.execute(f"SET {setting}")

    dsn = as_role(dsn, role)
    return AsyncConnectionPool(dsn, min_size=1, max_size=size, open=False, configure=configure, check=check_async)


class Asking:
    """Answers questions about one tenant at a time; `queries.asking.Ask` is its shape."""

    def __init__(
        self,
        connections: AsyncConnectionPool[AsyncConnection[Any]],
        past_connections: ConnectionPool[Connection[Any]],
        patience: float = 5.0,
    ) -> None:
        self._patience = patience
        self._connections = connections
        self._past_connections = past_connections
        self._kept: OrderedDict[tuple[str, str, str | None, int, tuple[str, ...], int], Past] = OrderedDict()

    async def __call__(
        self,
        question: Question[R],
        tenant: str,
        parameters: Mapping[str, Any],
        *,
        as_of: AsOf | None = None,
        stream: str | None = None,
    ) -> list[R]:
        """The rows of the answer.

        Raises AsOfUnknown, AsOfNotScanned after `patience` seconds, and PastUnfoldable.
        """
        given = {**parameters, **entering(tenant)}
        sql = question_sql(question)
        if as_of is None:
            return await self._answer(question, sql, given)
        seq = await self.sequence(tenant, as_of)
        await self._scanned(question, tenant, seq)
        await self._need_nothing_parked(_ledgers(question), tenant, seq, stream)
        given |= {"as_of_seq": seq, **await self._rows_then(question, tenant, seq, stream)}
        try:
            return await self._answer_of_then(question, given)
        except psycopg.Error as error:
            # PostgreSQL refuses rows of then as it refuses those of now, whose streams are parked for it.
            if is_refusal(error):
                await self._need_nothing_parked(question.reads, tenant, seq, stream)
            raise

    async def _answer(self, question: Question[R], sql: str, given: Mapping[str, Any]) -> list[R]:
        async with self._connections.connection() as connection:
            return await _fetched(connection, question, sql, given)

    async def _answer_of_then(self, question: Question[R], given: Mapping[str, Any]) -> list[R]:
        async with self._connections.connection() as connection, connection.transaction():
            await connection.execute(PLANNING_THEN, prepare=True)
            return await _fetched(connection, question, _shadowed(question.sql, question.reads), given)

    async def _need_nothing_parked(self, tables: Sequence[str], tenant: str, seq: int, stream: str | None) -> None:
        """Rows that are not there, for their stream waits, are no answer. Raises PastUnfoldable."""
        if not tables:
            return
        names = sorted({OWNERS[name][0].name for name in tables})
        given = entering(tenant, names=names, seq=seq, stream=stream)
        async with self._connections.connection() as connection:
            row = await (await connection.execute(WAITING, given, prepare=True)).fetchone()
        if row and row[0]:
            raise PastUnfoldable(*row[0])

    async def sequence(self, tenant: str, as_of: AsOf) -> int:
        """The tenant's sequence that an instant or a sequence means; 0 before its first event."""
        instant = isinstance(as_of, datetime)
        if isinstance(as_of, datetime) and as_of > datetime.now(UTC):
            raise AsOfUnknown(f"expected an instant that has passed, but got {as_of.isoformat()}")
        async with self._connections.connection() as connection:
            given = entering(tenant, at=as_of) if instant else entering(tenant)
            row = await (await connection.execute(SEQ_AT if instant else LAST_SEQ, given)).fetchone()
        last = int(row[0] or 0) if row else 0
        if isinstance(as_of, int) and not 0 <= as_of <= last:
            raise AsOfUnknown(f"expected a sequence from 0 to {last}, but got {as_of}")
        return last if isinstance(as_of, datetime) else as_of

    async def _scanned(self, question: Question[Any], tenant: str, seq: int) -> None:
        """Wait until the live tables that the question reads even as of then hold all that had happened by then."""
        names = sorted({OWNERS[name][0].name for name in _read_live(question)})
        if not names:
            return
        given = entering(tenant, names=names, seq=seq)
        until = monotonic() + self._patience
        while not await self._is_scanned(given):
            if monotonic() > until:
                raise AsOfNotScanned(f"expected the read models to reach sequence {seq}, but they did not in time")
            await asyncio.sleep(LOOK_EVERY)

    async def _last_erasure(self, tenant: str) -> int:
        """The position of the tenant's last erasure: what was folded before it may show whom it erased."""
        async with self._connections.connection() as connection:
            row = await (await connection.execute(LAST_ERASURE, entering(tenant), prepare=True)).fetchone()
        return int(row[0] or 0) if row else 0

    async def _is_scanned(self, given: Mapping[str, Any]) -> bool:
        async with self._connections.connection() as connection:
            row = await (await connection.execute(SCANNED, given, prepare=True)).fetchone()
        return bool(row and row[0])

    async def _rows_then(self, question: Question[Any], tenant: str, seq: int, stream: str | None) -> Mapping[str, str]:
        """Parameters that hold the rows of the question's tables as they were."""
        rows: dict[str, str] = {}
        erased = await self._last_erasure(tenant)
        for name in question.reads:
            projection, table = OWNERS[name]
            if not table.ledger:
                past = await self._past(projection, tenant, seq, stream, question.reads, erased)
                rows[f"rows_{name}"] = past.rows[name]
        return rows

    async def _past(
        self, projection: Projection, tenant: str, seq: int, stream: str | None, reads: tuple[str, ...], erased: int
    ) -> Past:
        """A fold of the past, kept for a while: only an erasure changes it, and pages of one view ask for it again.

        All of a stream's rows are kept, of a tenant's those asked for: they may be many.
        """
        tables = [table.table for table in projection.tables if not table.ledger]
        wanted = tuple(table for table in tables if stream or table in reads)
        key = (projection.name, tenant, stream, seq, wanted, erased)
        past = self._kept.get(key)
        if past is None:
            for stale in [old for old in self._kept if old[1] == tenant and old[5] != erased]:
                del self._kept[stale]
            past = await asyncio.to_thread(fold_past, self._past_connections, projection, tenant, seq, stream, wanted)
            self._kept[key] = past
            while sum(p.size for p in self._kept.values()) > MOST_KEPT and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return past


def _ledgers(question: Question[Any]) -> list[str]:
    return [name for name in question.reads if OWNERS[name][1].ledger]


async def _fetched(
    connection: AsyncConnection[Any], question: Question[R], sql: str, given: Mapping[str, Any]
) -> list[R]:
    found = await (await connection.execute(sql, given, prepare=True)).fetchone()
    answer: list[R] = _decoder(question.row).decode(found[0] if found else "[]")
    return answer


def _read_live(question: Question[Any]) -> list[str]:
    """The tables that are read as they stand: a ledger's rows of then are among those of now."""
    return [*_ledgers(question), *question.labels]


def _shadowed(sql: str, reads: Sequence[str]) -> str:
    """The same question, its tables shadowed by the rows of then."""
    return entered(f"WITH {', '.join(_then(name) for name in reads)} {_answer(sql)}")


def _then(name: str) -> str:
    projection, table = OWNERS[name]
    full = f"{projection.name}.{name}"
    if table.ledger:
        # Not materialized: its indexes serve the past as well as the present.
        rows = f"SELECT * FROM {full} WHERE tenant_id = %(tenant)s AND seq <= %(as_of_seq)s"
        return f"{name} AS NOT MATERIALIZED ({rows})"
    return f"{name} AS (SELECT * FROM json_populate_recordset(NULL::{full}, %(rows_{name})s::json))"


def question_sql(question: Question[Any]) -> str:
    """The statement that a question of now is asked by; its parameters are the question's and those of `entering`."""
    return entered(_answer(question.sql))


def _answer(sql: str) -> str:
    return f"SELECT coalesce(json_agg(q), '[]')::text FROM ({sql}) q"


@once
def _decoder(row: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[row])  # type: ignore[valid-type]  # a class at run time
