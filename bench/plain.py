"""What PostgreSQL itself allows: a plain transaction for every command, or one call from many connections."""

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, LiteralString

import psycopg
import uvloop
from psycopg.adapt import AdaptersMap

from bench.harness import Figures
from bench.server import database
from bench.workload import serial, values

# like those of the log: the same columns, indexes and number of rows to write
TABLES = """
CREATE SCHEMA bench;
CREATE SEQUENCE bench.seq;
CREATE TABLE bench.events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant uuid NOT NULL, tenant_seq bigint NOT NULL DEFAULT nextval('bench.seq'),
    stream uuid NOT NULL, version integer NOT NULL, type text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL,
    leaf_hash bytea GENERATED ALWAYS AS (sha256(body)) STORED,
    UNIQUE (tenant, tenant_seq), UNIQUE (tenant, stream, version)
);
CREATE INDEX ON bench.events (tenant, recorded_at, tenant_seq);
CREATE TABLE bench.commands (
    tenant uuid NOT NULL, command uuid NOT NULL, request_hash bytea NOT NULL, last_position bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(), result bytea NOT NULL, PRIMARY KEY (tenant, command)
);
"""
VERSION = "SELECT coalesce(max(version), 0) FROM bench.events WHERE tenant = %s AND stream = %s"
EVENT = (
    "INSERT INTO bench.events (tenant, stream, version, type, body) "
    "VALUES (%s, %s, %s, %s, %s) RETURNING position"
)
LEDGER = (
    "INSERT INTO bench.commands (tenant, command, request_hash, last_position, result) "
    "VALUES (%s, %s, %s, %s, %s)"
)

DATA = json.dumps(values(0), ensure_ascii=False).encode()
HASH, RESULT = hashlib.sha256(DATA).digest(), b"{}"
TENANT = uuid.uuid4()
STREAMS = [uuid.uuid4() for _ in range(200)]


class PlainSync:
    """One caller, one plain transaction after the other, a blocking connection."""

    def __init__(self, dsn: str) -> None:
        """Make the tables."""
        self._connection = psycopg.connect(_made(dsn), autocommit=True)

    def measure(self, seconds: float) -> Figures:
        """Transactions a second."""
        done, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            _transaction(self._connection, STREAMS[done % len(STREAMS)])
            done += 1
        return {"rate": done / (time.perf_counter() - started)}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PlainAsync:
    """The same on an asynchronous connection, in uvloop."""

    def __init__(self, dsn: str) -> None:
        """Make the tables."""
        self._dsn = _made(dsn)

    def measure(self, seconds: float) -> Figures:
        """Transactions a second."""
        return {"rate": uvloop.run(self._rate(seconds))}

    def close(self) -> None:
        """Nothing is held between rounds."""

    async def _rate(self, seconds: float) -> float:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            turn = iter(range(10**9))
            return await _rate(
                [lambda: _transaction_async(connection, STREAMS[next(turn) % len(STREAMS)])], seconds
            )


class Calls:
    """`callers` connections, each calling one prepared statement in a transaction of its own (autocommit).

    For a bare append function: `statement` is the call, `params(caller, number)` its parameters, with a
    number that is never used twice; `adapt` teaches each connection what types they have.
    """

    def __init__(
        self,
        dsn: str,
        statement: LiteralString,
        params: Callable[[int, int], Sequence[Any]],
        callers: int,
        adapt: Callable[[AdaptersMap], None] = lambda _: None,
    ) -> None:
        """Only remembers; `dsn` is a database where the function is."""
        self._dsn, self._statement, self._params, self._callers = dsn, statement, params, callers
        self._adapt = adapt
        self._numbers = iter(range(10**12))

    def measure(self, seconds: float) -> Figures:
        """Calls a second, all callers together."""
        return {"rate": uvloop.run(self._rate(seconds))}

    def close(self) -> None:
        """Nothing is held between rounds."""

    async def _rate(self, seconds: float) -> float:
        opened = [psycopg.AsyncConnection.connect(self._dsn, autocommit=True) for _ in range(self._callers)]
        connections = await asyncio.gather(*opened)
        try:
            return await _rate([self._call(caller, each) for caller, each in enumerate(connections)], seconds)
        finally:
            await asyncio.gather(*(each.close() for each in connections))

    def _call(self, caller: int, connection: psycopg.AsyncConnection) -> Callable[[], Awaitable[None]]:
        self._adapt(connection.adapters)
        cursor = connection.cursor(binary=True)

        async def call() -> None:
            await cursor.execute(self._statement, self._params(caller, next(self._numbers)), prepare=True)
            await cursor.fetchall()

        return call


def plain_transaction_rate(dsn: str, seconds: float = 2.0) -> float:
    """Plain transactions a second of one caller; the better of the two variants."""
    rates = []
    for variant in (PlainSync(dsn), PlainAsync(dsn)):
        rates.append(variant.measure(seconds)["rate"])
        variant.close()
    return max(rates)


async def _rate(calls: Sequence[Callable[[], Awaitable[None]]], seconds: float) -> float:
    """Calls a second when each callable is called over and over, all of them at once."""
    started = time.perf_counter()
    counts = await asyncio.gather(*(_repeated(call, started + seconds) for call in calls))
    return sum(counts) / (time.perf_counter() - started)


async def _repeated(call: Callable[[], Awaitable[None]], until: float) -> int:
    done = 0
    while time.perf_counter() < until:
        await call()
        done += 1
    return done


def _made(dsn: str) -> str:
    made = database(dsn, f"bench_plain_{next(serial)}")
    with psycopg.connect(made) as connection:
        connection.execute(TABLES)
    return made


def _transaction(connection: psycopg.Connection, stream: uuid.UUID) -> None:
    """What a command needs: the stream's version, one event, one ledger row."""
    with connection.transaction():
        version = _only(connection.execute(VERSION, (TENANT, stream), prepare=True).fetchone())
        event = (TENANT, stream, version + 1, "run.step_completed", DATA)
        position = _only(connection.execute(EVENT, event, prepare=True).fetchone())
        connection.execute(LEDGER, (TENANT, uuid.uuid4(), HASH, position, RESULT), prepare=True)


async def _transaction_async(connection: psycopg.AsyncConnection, stream: uuid.UUID) -> None:
    async with connection.transaction():
        version = _only(await (await connection.execute(VERSION, (TENANT, stream), prepare=True)).fetchone())
        event = (TENANT, stream, version + 1, "run.step_completed", DATA)
        position = _only(await (await connection.execute(EVENT, event, prepare=True)).fetchone())
        await connection.execute(LEDGER, (TENANT, uuid.uuid4(), HASH, position, RESULT), prepare=True)


def _only(row: tuple[Any, ...] | None) -> int:
    if row is None:
        raise RuntimeError("expected one row, but the server gave none")
    return int(row[0])
