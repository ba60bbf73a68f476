"""Where the parts are put together: the only place that knows all of them."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from commands.service import CommandService
from commands.states import MOST_STATES
from infra.calendar import japan
from infra.event_store.reader import Reader, pool
from infra.event_store.snapshots import Snapshots
from infra.event_store.writer import Writer
from infra.evidence.reading import Evidence
from infra.keys.ring import MOST
from infra.keys.subject_keys import SubjectKeys
from infra.read_store.asking import Asking, reading_pool
from infra.read_store.duties import DutyReader
from infra.read_store.past import past_connections
from infra.read_store.waiting import Positions
from infra.roles import ROLES

Connections = AsyncConnectionPool[AsyncConnection[Any]]


class PostgresLog:
    """The log as commands need it: written by the writer, read by the reader, with states kept now and then."""

    def __init__(self, writer: Writer, reader: Reader, snapshots: Snapshots, duties: DutyReader) -> None:
        self.append = writer.append
        self.read = reader.read
        self.load = reader.load
        self.keep = snapshots.keep
        self.first_answer = reader.first_answer
        self.last_seq = reader.last_seq
        self.since = reader.since
        self.done_by = reader.done_by
        self.closing = reader.closing
        self.held = duties.held
        self.loads = duties.loads


@dataclass(frozen=True)
class WriteSide:
    """What carries commands out."""

    commands: CommandService
    writer: Writer
    reader: Reader
    snapshots: Snapshots
    duties: DutyReader
    connections: Connections


@dataclass(frozen=True)
class ReadSide:
    """What answers questions; what is the operator's is asked of all tenants together."""

    ask: Asking
    positions: Positions
    evidence: Evidence
    connections: Connections
    of_all_tenants: Connections


def spare_the_collector() -> None:
    """Look for cycles less often: cached states are many, live long, and hold none (gc's defaults are 700, 10, 10)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@asynccontextmanager
async def write_side(dsn: str, most_states: int = MOST_STATES, most_keys: int = MOST) -> AsyncIterator[WriteSide]:
    """The write side on a migrated database; what is queued is committed before it closes."""
    spare_the_collector()
    async with AsyncExitStack() as stack:
        connections = pool(dsn)
        await connections.open()
        stack.push_async_callback(connections.close)
        keys = SubjectKeys(dsn, most=most_keys)
        stack.push_async_callback(keys.stop)
        writer = Writer(dsn, keys)
        stack.push_async_callback(writer.stop)
        await writer.start()
        reader = Reader(dsn, connections, keys)
        stack.push_async_callback(reader.stop)
        snapshots = Snapshots(connections, keys)
        stack.push_async_callback(snapshots.stop)
        reading = reading_pool(dsn, 2)
        await reading.open()
        stack.push_async_callback(reading.close)
        duties = DutyReader(reading)
        log = PostgresLog(writer, reader, snapshots, duties)
        yield WriteSide(CommandService(log, japan(), most_states), writer, reader, snapshots, duties, connections)


@asynccontextmanager
async def read_side(dsn: str, pool_size: int = 4) -> AsyncIterator[ReadSide]:
    """The read side on a migrated database whose read models exist."""
    async with AsyncExitStack() as stack:
        connections = reading_pool(dsn, pool_size)
        await connections.open()
        stack.push_async_callback(connections.close)
        past = past_connections(dsn)
        past.open()
        stack.callback(past.close)
        of_all = reading_pool(dsn, 1, ROLES.projector)
        await of_all.open()
        stack.push_async_callback(of_all.close)
        yield ReadSide(Asking(connections, past), Positions(connections), Evidence(connections), connections, of_all)
