"""Snapshots of streams' states: written now and then, in the background; read instead of a long stream's beginning.

A snapshot is marked with a hash of the code that folded it, so a changed fold never meets an old state.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from types import ModuleType
from typing import Any

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.procedures import definition as procedure_definition
from domain.procedures import events as procedure_events
from domain.procedures import state as procedures
from domain.runs import events as run_events
from domain.runs import state as runs
from domain.tenants import events as tenant_events
from domain.tenants import folding, handovers, member, plan_events, plan_state
from domain.tenants import state as tenants

EVERY = 64
"""Events between two snapshots of a stream."""

STATES: Mapping[str, type] = {"tenant": tenants.Tenant, "procedure": procedures.Procedure, "run": runs.Run}
FOLDED_BY: Mapping[str, tuple[ModuleType, ...]] = {
    "tenant": (tenants, folding, member, tenant_events, plan_state, plan_events, handovers),
    "procedure": (procedures, procedure_events, procedure_definition),
    "run": (runs, run_events),
}
KEEP = """
    INSERT INTO snapshots (tenant_id, stream_id, version, fold, state)
    VALUES (set_config('ashiato.tenant', %s, true)::uuid, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, stream_id) DO UPDATE
    SET version = EXCLUDED.version, fold = EXCLUDED.fold, state = EXCLUDED.state
    WHERE snapshots.version < EXCLUDED.version OR snapshots.fold <> EXCLUDED.fold
"""
MOST_WAITING = 1_000

_encode = msgspec.msgpack.Encoder().encode
_decoders: Mapping[str, Callable[[bytes], Any]] = {
    kind: msgspec.msgpack.Decoder(state).decode for kind, state in STATES.items()
}


def encode(state: Any) -> bytes:
    """The stored form of a state."""
    return _encode(runs.kept(state) if isinstance(state, runs.Run) else state)


def decode(kind: str, state: bytes) -> Any:
    """A state from its stored form."""
    return _decoders[kind](state)


@cache
def fold_hash(kind: str) -> bytes:
    """SHA-256 of the source of what folds a kind of stream."""
    return sha256("".join(inspect.getsource(module) for module in FOLDED_BY[kind]).encode()).digest()


class Snapshots:
    """Writes states in the background; when it cannot, nothing is lost but time."""

    def __init__(self, connections: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._connections = connections
        self._waiting: dict[tuple[str, str], tuple[str, int, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def keep(self, tenant: str, stream: str, kind: str, before: int, version: int, state: Any) -> None:
        """Note a state soon, when that is due; only the newest of a stream counts."""
        if before // EVERY == version // EVERY:
            return
        if len(self._waiting) < MOST_WAITING:
            self._waiting[tenant, stream] = (kind, version, state)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name="snapshots")

    async def stop(self) -> None:
        """Write what is waiting."""
        if self._task is not None:
            await self._task

    async def _write(self) -> None:
        with suppress(psycopg.Error):
            async with self._connections.connection() as connection:
                while self._waiting:
                    (tenant, stream), (kind, version, state) = self._waiting.popitem()
                    row = (tenant, stream, version, fold_hash(kind), encode(state))
                    await connection.execute(KEEP, row, prepare=True)
