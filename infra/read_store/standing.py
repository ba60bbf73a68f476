"""Where read models and topics stand, for operators: who leads what, what waits, how far the log is in each topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

PARTITIONS = r"""
    SELECT name, partition, source, version, position, greatest(log_head() - position, 0) AS lag, epoch, leader,
           moved_at
    FROM projections WHERE name !~ '__' ORDER BY name, partition
"""
WAITING = r"""
    SELECT projection, tenant_id::text AS tenant, stream_id::text AS stream, version, seq, position, type, error, tries,
           parked_at, asked_at IS NOT NULL AS asked
    FROM parked_streams WHERE projection !~ '__' ORDER BY parked_at, position
"""
TOPICS = """
    SELECT topic, partitions, position, greatest(log_head() - position, 0) AS lag,
           CASE WHEN log_time(position + 1) IS NULL THEN 0 ELSE
               extract(epoch FROM clock_timestamp() - greatest(moved_at, log_time(position + 1)))::float8
           END AS standstill_seconds, moved_at,
           (SELECT count(*)::int FROM relay_dead_letters d WHERE d.topic = relays.topic) AS too_large,
           (SELECT count(*)::int FROM topic_strangers s WHERE s.topic_id = relays.topic_id) AS no_events
    FROM relays ORDER BY topic
"""
ASK_AGAIN = """
    UPDATE parked_streams SET asked_at = now()
    WHERE (%(projection)s::text IS NULL OR projection = %(projection)s)
      AND (%(tenant)s::uuid IS NULL OR tenant_id = %(tenant)s)
      AND (%(stream)s::uuid IS NULL OR stream_id = %(stream)s)
"""


@dataclass(frozen=True, slots=True)
class Led:
    """A partition of a projection, scanned through `position`. `lag` is in events of the log, `leader` host:process."""

    name: str
    partition: int
    source: str
    version: int
    position: int
    lag: int
    epoch: int
    leader: str | None
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedStream:
    """A stream that waits, with the first event that could not be folded; `error` is a class and a place."""

    projection: str
    tenant: str
    stream: str
    version: int
    seq: int
    position: int
    type: str
    error: str
    tries: int
    parked_at: datetime
    asked: bool


@dataclass(frozen=True, slots=True)
class Relayed:
    """A topic that holds the log through `position`; `lag` is in events.

    `standstill_seconds` is how long the next event has waited to be relayed. `too_large` counts events that did not fit
    into a record, `no_events` records that somebody else put there.
    """

    topic: str
    partitions: int
    position: int
    lag: int
    standstill_seconds: float
    moved_at: datetime
    too_large: int
    no_events: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What one look found."""

    partitions: Sequence[Led] = ()
    parked: Sequence[ParkedStream] = ()
    topics: Sequence[Relayed] = ()


async def standing(connections: AsyncConnectionPool[AsyncConnection[Any]]) -> Standing:
    """Over connections of the projector's role, which sees all tenants."""
    async with connections.connection() as connection:
        async with connection.cursor(row_factory=class_row(Led)) as cursor:
            led = await (await cursor.execute(PARTITIONS)).fetchall()
        async with connection.cursor(row_factory=class_row(ParkedStream)) as cursor:
            parked = await (await cursor.execute(WAITING)).fetchall()
        async with connection.cursor(row_factory=class_row(Relayed)) as cursor:
            return Standing(led, parked, await (await cursor.execute(TOPICS)).fetchall())


def standing_now(connection: Connection[Any]) -> Standing:
    """The same, for a command."""
    with connection.cursor(row_factory=class_row(Led)) as cursor:
        led = cursor.execute(PARTITIONS).fetchall()
    with connection.cursor(row_factory=class_row(ParkedStream)) as cursor:
        parked = cursor.execute(WAITING).fetchall()
    with connection.cursor(row_factory=class_row(Relayed)) as cursor:
        return Standing(led, parked, cursor.execute(TOPICS).fetchall())


def ask_again(
    connection: Connection[Any], projection: str | None = None, tenant: str | None = None, stream: str | None = None
) -> int:
    """Have the leaders try parked streams again, all of them or some; how many."""
    given = {"projection": projection, "tenant": tenant, "stream": stream}
    asked = connection.execute(ASK_AGAIN, given).rowcount
    connection.execute("NOTIFY ashiato_log")
    return asked
