"""Where stored events come from: straight from the log, or through the partitions of a topic.

Who follows asks a source for what comes after the places it has stored. A place's position means the same everywhere:
all events of its partition through that position of the log have been folded. The log is one partition, 0; a topic
has several, each event's tenant decides which, and within one positions increase.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from psycopg import Connection

from infra.event_store.codec import command_of
from infra.read_store.folding import STORED, Stored

BATCH = f"""
    SELECT {STORED} FROM events WHERE position > %s ORDER BY position LIMIT %s
"""
BETWEEN = f"""
    SELECT {STORED} FROM events WHERE position > %s AND position <= %s ORDER BY position
"""
END_OF_COMMAND = "SELECT last_position FROM commands WHERE tenant_id = %s AND command_id = %s"

ALL_OF_IT = 0
"""The log's only partition."""


class Place(NamedTuple):
    """How far a partition is scanned; `offset` is where its source goes on, for those that need one."""

    position: int
    offset: int | None = None


class Read(NamedTuple):
    """What a source found in one partition: events in order, and through where that is all there is.

    It ends with the end of a command, for a reader must never see half of what one did. `events` may be empty where
    only the place moves, for nothing else came there.
    """

    events: Sequence[Stored]
    place: Place


class Source(Protocol):
    """What is read from. One thread at a time calls it; an error may be raised, and the next call begins anew."""

    def read(self, after: Mapping[int, Place], most: int) -> Mapping[int, Read]:
        """About `most` events after the places of some partitions, of those only that moved; {}: nothing came.

        A place is where the last answer ended, or an earlier one, when what was read since is lost. It need not hide
        what is at or below a place: that is dropped here.
        """


class Delivery(Protocol):
    """A way that events come. Its sources' `read` may wait a little for events where `waits` says so."""

    @property
    def waits(self) -> bool:
        """False where the log's NOTIFY says that there is something to read."""

    @property
    def name(self) -> str:
        """`log`, or what a topic is known by."""

    @property
    def partitions(self) -> int:
        """How many; it never changes for the same name."""

    def partition_of(self, tenant: str) -> int:
        """Where a tenant's events come."""

    def open(self, connection: Connection[Any]) -> AbstractContextManager[Source]:
        """A source for as long as the block lasts; the connection is the projector's, for reading only."""


class LogSource:
    """The log itself, over a connection of its own."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def read(self, after: Mapping[int, Place], most: int) -> Mapping[int, Read]:
        """The next events, through the end of the last one's command."""
        cursor = self._connection.cursor(binary=True)
        found: list[Stored] = cursor.execute(BATCH, (after[ALL_OF_IT].position, most), prepare=True).fetchall()
        if not found:
            return {}
        if len(found) == most:
            # What one command did may be thousands of events.
            last = found[-1]
            end = cursor.execute(END_OF_COMMAND, (last[1], command_of(last[4])), prepare=True).fetchone()
            if end and end[0] > last[0]:
                found += cursor.execute(BETWEEN, (last[0], end[0]), prepare=True).fetchall()
        return {ALL_OF_IT: Read(found, Place(found[-1][0]))}


class Directly:
    """Straight from the log: one partition."""

    name = "log"
    partitions = 1
    waits = False

    def partition_of(self, _: str) -> int:
        """All tenants' events come in one."""
        return ALL_OF_IT

    @contextmanager
    def open(self, connection: Connection[Any]) -> Iterator[Source]:
        """The log over a connection."""
        yield LogSource(connection)


def fresh(events: Sequence[Stored], after: int) -> list[Stored]:
    """Events beyond a position, each once: what was seen, or comes late from one who was held up, is dropped."""
    kept = []
    for stored in events:
        if stored[0] > after:
            after = stored[0]
            kept.append(stored)
    return kept
