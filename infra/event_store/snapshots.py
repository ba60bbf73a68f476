"""Snapshots of streams' states: written now and then, in the background; read instead of a long stream's beginning.

A snapshot is marked with a hash of the code that folded it, so a changed fold never meets an old state. It holds what
is personal, so it is sealed as a whole, under the key of the stream's subject (a company's under its own).
"""

import asyncio
import inspect
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from types import ModuleType
from typing import Any

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from commands.ports import LogUnavailable
from domain.procedures import definition as procedure_definition
from domain.procedures import events as procedure_events
from domain.procedures import state as procedures
from domain.runs import events as run_events
from domain.runs import state as runs
from domain.tenants import (
    anchor_events,
    duty_events,
    erasure_events,
    export_events,
    exports,
    folding,
    handovers,
    identity_events,
    keeping,
    member,
    plan_events,
    plan_state,
)
from domain.tenants import events as tenant_events
from domain.tenants import state as tenants
from infra.keys.subject_keys import NoKey, SubjectKeys

EVERY = 64
"""Events between two snapshots of a stream."""

STATES: Mapping[str, type] = {"tenant": tenants.Tenant, "procedure": procedures.Procedure, "run": runs.Run}
FOLDED_BY: Mapping[str, tuple[ModuleType, ...]] = {
    "tenant": (
        *(tenants, folding, member, handovers, plan_state, keeping, exports),
        *(tenant_events, duty_events, identity_events),
        *(plan_events, erasure_events, export_events, anchor_events),
    ),
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
NONCE = 12
FORM = b"sealed 1"
"""How a state is written down, whatever folded it."""

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


class StateLost(Exception):
    """A state that was kept cannot be opened any more."""


def seal_state(state: Any, tenant: str, stream: str, key: AESGCM) -> bytes:
    """A state as it is kept: nonce, and what AES-256-GCM makes of it."""
    nonce = os.urandom(NONCE)
    return nonce + key.encrypt(nonce, encode(state), f"{tenant}/{stream}".encode())


def open_state(kind: str, stored: bytes, tenant: str, stream: str, key: AESGCM | None) -> Any:
    """A state that was kept. Raises StateLost."""
    if key is None:
        raise StateLost
    try:
        return decode(kind, key.decrypt(stored[:NONCE], stored[NONCE:], f"{tenant}/{stream}".encode()))
    except (InvalidTag, ValueError):
        raise StateLost from None


@cache
def fold_hash(kind: str) -> bytes:
    """SHA-256 of the source of what folds a kind of stream, and of how its state is written down."""
    return sha256(FORM + "".join(inspect.getsource(module) for module in FOLDED_BY[kind]).encode()).digest()


class Snapshots:
    """Writes states in the background; when it cannot, nothing is lost but time."""

    def __init__(self, connections: AsyncConnectionPool[AsyncConnection[Any]], keys: SubjectKeys) -> None:
        self._connections = connections
        self._keys = keys
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
        with suppress(psycopg.Error, LogUnavailable):
            async with self._connections.connection() as connection:
                while self._waiting:
                    (tenant, stream), (kind, version, state) = self._waiting.popitem()
                    with suppress(NoKey):  # who was erased leaves no state behind
                        key = (await self._keys.for_writing(tenant, [stream]))[stream]
                        row = (tenant, stream, version, fold_hash(kind), seal_state(state, tenant, stream, key))
                        await connection.execute(KEEP, row, prepare=True)
