"""A connection for the hot paths: prepared statements, one after the other, on libpq's own calls.

psycopg's asynchronous cursor adapts every parameter anew and waits through several turns of the event loop, which
costs more than the statement. Here parameters are binary already, and the loop calls back once, with the answer.
psycopg connects, and its `pq` module is libpq (https://www.postgresql.org/docs/current/libpq-async.html).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from commands.ports import LogUnavailable
from infra.event_store.arrays import Array

GIVE_UP_AFTER = 20.0
RETRY_EVERY = 0.05
BINARY = 1
PLAN_ONCE_BY_INDEXES = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
"""A plan is kept for as long as the connection: one made while the log was small must not read it from end to end."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose parameters `$1` … are arrays of these kinds."""

    name: str
    sql: str
    takes: tuple[type[Array], ...]


class Wire:
    """Carries one statement at a time; its caller sees to that. It connects when it must, again after a loss."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: AsyncConnection[Any] | None = None
        self._libpq: PGconn | None = None
        self._socket = -1
        self._prepared: set[str] = set()
        self._answer: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None

    async def connect(self) -> PGconn:
        """Connect now, so that a wrong address is noticed at the start."""
        await self.close()
        self._connection = await AsyncConnection.connect(
            self._dsn, autocommit=True, connect_timeout=5, tcp_user_timeout=10_000
        )
        await self._connection.execute(PLAN_ONCE_BY_INDEXES)
        self._libpq = self._connection.pgconn
        self._socket = self._libpq.socket
        self._prepared = set()
        asyncio.get_running_loop().add_reader(self._socket, self._readable)
        return self._libpq

    async def close(self) -> None:
        """Hang up. What was under way has an unknown outcome."""
        self._lose(psycopg.OperationalError("the connection was closed"))
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                await connection.close()

    async def ask(self, statement: Statement, parameters: Sequence[Array | None]) -> PGresult:
        """The rows, in binary. After a lost connection the same again, so it must bear repetition.

        Raises LogUnavailable when that did not help in time, and psycopg's errors for what the server refuses.
        """
        deadline = monotonic() + GIVE_UP_AFTER
        while True:
            try:
                return await self._execute(statement, parameters)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                await self.close()
                if monotonic() > deadline:
                    raise LogUnavailable(f"expected to reach the log, but: {error}") from error
                await asyncio.sleep(RETRY_EVERY)
            except asyncio.CancelledError:
                await self.close()
                raise

    async def _execute(self, statement: Statement, parameters: Sequence[Array | None]) -> PGresult:
        libpq = self._libpq or await self.connect()
        name = statement.name.encode()
        if statement.name not in self._prepared:
            libpq.send_prepare(name, statement.sql.encode(), [kind.oid for kind in statement.takes])
            await self._answered(libpq)
            self._prepared.add(statement.name)
        values = [None if parameter is None else parameter.data for parameter in parameters]
        libpq.send_query_prepared(name, values, [BINARY] * len(values), BINARY)
        return await self._answered(libpq)

    async def _answered(self, libpq: PGconn) -> PGresult:
        """Wait for the answer to what was just sent."""
        self._answer = asyncio.get_running_loop().create_future()
        self._flush(libpq)
        return await self._answer

    def _flush(self, libpq: PGconn) -> None:
        """Send what the socket takes now; the rest when it takes more."""
        if libpq.flush():
            asyncio.get_running_loop().add_writer(self._socket, self._writable)

    def _writable(self) -> None:
        if self._libpq is None:
            return
        asyncio.get_running_loop().remove_writer(self._socket)
        try:
            self._flush(self._libpq)
        except psycopg.Error as error:
            self._lose(error)

    def _readable(self) -> None:
        if self._libpq is None:
            return
        try:
            self._libpq.consume_input()
            while not self._libpq.is_busy():
                result = self._libpq.get_result()
                if result is None:
                    self._finish()
                    return
                self._result = result
        except psycopg.Error as error:
            self._lose(error)

    def _finish(self) -> None:
        """Give the answer, when one is awaited; a server that only says good-bye has ended the connection."""
        answer, self._answer = self._answer, None
        result, self._result = self._result, None
        if self._libpq is None or self._libpq.status == ConnStatus.BAD:
            self._answer = answer
            self._lose(psycopg.OperationalError("the server closed the connection"))
        elif answer is not None and not answer.done():
            if result is None:
                answer.set_exception(psycopg.OperationalError("the server gave no answer"))
            elif result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                answer.set_result(result)
            else:
                answer.set_exception(errors.error_from_result(result))

    def _lose(self, error: psycopg.Error) -> None:
        """Leave the connection; the next statement makes another."""
        libpq, self._libpq = self._libpq, None
        if libpq is not None:
            loop = asyncio.get_running_loop()
            # libpq has closed the socket by itself when the server did, and does not know its number any more.
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)
