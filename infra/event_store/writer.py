"""The group-committing writer: whatever queued while the last batch was committed goes into the next one.

There is no timer, so a lone caller never waits for company. A connection lost in mid-commit leaves the outcome
unknown: the batch is sent again, and the ledger says which of its commands are already in.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
from psycopg import AsyncConnection

from commands.ports import Entry, LogUnavailable, Verdict
from infra.event_store.arrays import Booleans, Bytes, Instants, Ints, Texts, Uuids, register
from infra.event_store.codec import encode

APPEND = (
    "SELECT * FROM append(%s, %s, %s, %s, %s::timestamptz[], %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
MOST_COMMANDS = 256
MOST_EVENTS = 5_000
GIVE_UP_AFTER = 20.0
RETRY_EVERY = 0.05

Bodies = list[tuple[str, int, str, bytes]]
"""An entry's events as stored: stream, version, type, body."""


class Waiting:
    """A command in the queue, and the future that its caller awaits."""

    __slots__ = ("bodies", "entry", "verdict")

    def __init__(self, entry: Entry, verdict: asyncio.Future[Verdict]) -> None:
        self.entry = entry
        self.bodies = _bodies(entry)
        self.verdict = verdict


class Writer:
    """Appends to the log over one connection. Start it in the event loop that uses it."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._queue: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._connection: AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.batches = 0
        self.commands = 0

    async def start(self) -> None:
        """Connect and begin to take commands."""
        await self._connect()
        self._task = asyncio.create_task(self._run(), name="log writer")

    async def stop(self) -> None:
        """Commit what is queued, then end."""
        if self._task is None:
            return
        self._stopping = True
        self._wake.set()
        await self._task
        await self._disconnect()

    async def append(self, entry: Entry) -> Verdict:
        """Append one command's events; returns when they are durable, or with the reason why not."""
        if self._stopping:
            raise LogUnavailable("expected a running writer, but it is stopping")
        waiting = Waiting(entry, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._wake.set()
        return await waiting.verdict

    async def _run(self) -> None:
        try:
            while self._queue or not self._stopping:
                if self._queue:
                    await self._settle(self._take())
                    continue
                self._wake.clear()
                await self._wake.wait()
        finally:
            self._stopping = True
            _fail(self._queue, LogUnavailable("expected a running writer, but it ended"))

    def _take(self) -> list[Waiting]:
        batch: list[Waiting] = []
        events = 0
        while self._queue and len(batch) < MOST_COMMANDS and events < MOST_EVENTS:
            batch.append(self._queue.popleft())
            events += len(batch[-1].bodies)
        return batch

    async def _settle(self, batch: list[Waiting]) -> None:
        """Give every command of the batch its verdict, whatever happens."""
        try:
            verdicts = await self._commit(batch)
        except asyncio.CancelledError:
            _fail(batch, LogUnavailable("expected a running writer, but it was cancelled"))
            raise
        except LogUnavailable as error:
            _fail(batch, error)
            return
        except Exception as error:  # noqa: BLE001 - what can't be stored is its caller's trouble, not the writer's
            await self._one_by_one(batch, error)
            return
        self.batches += 1
        self.commands += len(batch)
        for waiting, verdict in zip(batch, verdicts, strict=True):
            if not waiting.verdict.done():
                waiting.verdict.set_result(verdict)

    async def _one_by_one(self, batch: list[Waiting], error: Exception) -> None:
        """Find out whose error it is."""
        if len(batch) == 1:
            _fail(batch, error)
            return
        for waiting in batch:
            await self._settle([waiting])

    async def _commit(self, batch: list[Waiting]) -> list[Verdict]:
        """One transaction. After a lost connection the same one again, until it is known to be in.

        What got in unheard comes back as a duplicate with its first answer. Nobody can tell whether it was this
        try or another process that was sent the same command, so it does not count as appended by us.
        """
        parameters = _parameters(batch)
        deadline = monotonic() + GIVE_UP_AFTER
        while True:
            try:
                connection = self._connection or await self._connect()
                cursor = await connection.execute(APPEND, parameters, prepare=True, binary=True)
                return [Verdict(*row) for row in await cursor.fetchall()]
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                await self._disconnect()
                if monotonic() > deadline:
                    raise LogUnavailable(f"expected to reach the log, but: {error}") from error
                await asyncio.sleep(RETRY_EVERY)

    async def _connect(self) -> AsyncConnection[Any]:
        self._connection = await AsyncConnection.connect(
            self._dsn, autocommit=True, connect_timeout=5, tcp_user_timeout=10_000
        )
        register(self._connection.adapters)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                await connection.close()


def _fail(batch: Iterable[Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.verdict.done():
            waiting.verdict.set_exception(error)


def _bodies(entry: Entry) -> Bodies:
    correlation = entry.correlation or entry.command
    return [
        (
            stream,
            version,
            event.type,
            encode(
                event,
                stream,
                version,
                actor=entry.actor,
                command=entry.command,
                correlation=correlation,
                causation=entry.causation,
                on_behalf_of=entry.on_behalf_of,
                reason=entry.reason,
                occurred=entry.occurred_at,
            ),
        )
        for stream, version, event in entry.events
    ]


def _parameters(batch: list[Waiting]) -> tuple[Any, ...]:
    """The arrays of the append function; its comment says what each holds."""
    entries = [waiting.entry for waiting in batch]
    seen = [(n, *s) for n, entry in enumerate(entries, 1) for s in entry.seen]
    events = [(n, *b) for n, waiting in enumerate(batch, 1) for b in waiting.bodies]
    simulated = any(entry.simulated_at for entry in entries)
    return (
        Uuids(e.tenant for e in entries),
        Uuids(e.command for e in entries),
        Bytes(e.request_hash for e in entries),
        Bytes(e.result for e in entries),
        Instants(e.simulated_at for e in entries) if simulated else None,
        Ints(s[0] for s in seen),
        Uuids(s[1] for s in seen),
        Ints(s[2] for s in seen),
        Booleans(s[3] for s in seen),
        Ints(e[0] for e in events),
        Uuids(e[1] for e in events),
        Ints(e[2] for e in events),
        Texts(e[3] for e in events),
        Bytes(e[4] for e in events),
    )
