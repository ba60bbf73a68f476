"""One company's log, streamed by sequence or stream by stream, all of it as it was at one moment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel, sql

from domain.events import Event, Meta
from infra.keys.opening import OpeningPast
from infra.read_store.folding import STORED, Stored, decoded
from infra.roles import ROLES, as_role
from infra.tenancy import ENTER
from services.exports.wanted import Wanted

Pair = tuple[Event, Meta]

AT_ONCE = 500
"""Events in memory."""
CHECKPOINT = """
    SELECT size, root, signed_at, note FROM checkpoints
    WHERE tenant_id = %(tenant)s AND (%(size)s::bigint IS NULL OR size = %(size)s::bigint)
    ORDER BY size DESC, signed_at DESC LIMIT 1
"""
# The first and the last sequence of a period; times never go backwards along the log.
SPAN = """
    SELECT coalesce((SELECT tenant_seq FROM events WHERE tenant_id = %(tenant)s AND recorded_at >= %(since)s
                     ORDER BY recorded_at, tenant_seq LIMIT 1), %(size)s + 1),
           coalesce((SELECT tenant_seq FROM events WHERE tenant_id = %(tenant)s AND recorded_at < %(until)s
                     ORDER BY recorded_at DESC, tenant_seq DESC LIMIT 1), 0)
"""
# Runs of a procedure, from their first events: the log alone says it, however far read models are.
STREAMS = """
    SELECT stream_id FROM events
    WHERE tenant_id = %(tenant)s AND version = 1 AND type = 'run.started'
      AND convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'procedure' = %(procedure)s
"""
LAST_SEQ = "SELECT coalesce(max(tenant_seq), 0) FROM events WHERE tenant_id = %s"
IN_SEQUENCE = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %(tenant)s AND tenant_seq > %(after)s AND tenant_seq <= %(most)s
      AND (%(streams)s::uuid[] IS NULL OR stream_id = ANY (%(streams)s::uuid[]))
    ORDER BY tenant_seq LIMIT %(limit)s
"""
BY_STREAM = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %(tenant)s AND tenant_seq <= %(last)s
      AND (%(streams)s::uuid[] IS NULL OR stream_id = ANY (%(streams)s::uuid[]))
    ORDER BY stream_id, version
"""
# While others make views of this moment, nothing is asked here.
PATIENT = "SET idle_in_transaction_session_timeout = 0"
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class NoCheckpoint(Exception):
    """There is no signed checkpoint to export up to."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What an export goes up to: the size, its root, when and how it was signed."""

    size: int
    root: bytes
    signed_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """Sequences from `first` to `last`, both included; of these streams, or of all of them when None."""

    first: int
    last: int
    streams: Sequence[str] | None

    def holds(self, meta: Meta) -> bool:
        """Whether an event of those streams lies in that part."""
        return self.first <= meta.seq <= self.last


class Source:
    """Reads one company's log in one transaction: every pass sees the same."""

    def __init__(self, connection: Connection[Any], tenant: str) -> None:
        self.connection = connection
        self._open = OpeningPast(connection)
        self.tenant = tenant

    def checkpoint(self, size: int | None) -> Checkpoint:
        """The newest, or the one of a size. Raises NoCheckpoint."""
        row = self.connection.execute(CHECKPOINT, {"tenant": self.tenant, "size": size}).fetchone()
        if row is None:
            what = "a checkpoint" if size is None else f"a checkpoint of {size} events"
            raise NoCheckpoint(f"expected {what} to export up to, but there is none yet: sign one first")
        return Checkpoint(*row)

    def last(self) -> int:
        """The last sequence there is; 0 before the first."""
        return int(self.rows(LAST_SEQ, self.tenant)[0][0])

    def part(self, wanted: Wanted, size: int) -> Part:
        """What is wanted, up to a size; a part may be empty."""
        given = {"tenant": self.tenant, "size": size, "since": wanted.since or FIRST, "until": wanted.until or LAST}
        first, last = self.connection.execute(SPAN, given).fetchone() or (1, size)
        return Part(first, min(last, size), self._streams(wanted))

    def in_sequence(self, part: Part) -> Iterator[list[Stored]]:
        """Events as they are stored, by sequence, some at a time."""
        given = {"tenant": self.tenant, "most": part.last, "streams": part.streams, "limit": AT_ONCE}
        cursor, after = self.connection.cursor(binary=True), part.first - 1
        while some := cursor.execute(IN_SEQUENCE, {**given, "after": after}, prepare=True).fetchall():
            yield some
            after = some[-1][2]

    def streams(self, part: Part, of: str = "") -> Iterator[list[Pair]]:
        """Every stream with an event in the part, from its beginning up to the part's end, what is sealed opened.

        `of` is how the types of its events begin, for those who want some streams only.
        """
        given = {"tenant": self.tenant, "last": part.last, "streams": part.streams}
        with self.connection.cursor("by_stream", binary=True) as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(BY_STREAM, given)
            stream: list[Pair] = []
            while some := cursor.fetchmany(AT_ONCE):
                for pair in self.opened([one for one in some if one[5].startswith(of)]):
                    if stream and pair[1].stream != stream[0][1].stream:
                        yield from _in(part, stream)
                        stream = []
                    stream.append(pair)
            yield from _in(part, stream)

    def snapshot(self) -> str:
        """What others see the same moment by, as long as this transaction lasts."""
        return str(self.rows("SELECT pg_export_snapshot()")[0][0])

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What else is to be known at the same moment."""
        return self.connection.cursor(binary=True).execute(statement.encode(), parameters).fetchall()

    def opened(self, stored: Sequence[Stored]) -> list[Pair]:
        """Events with what the log says of them, what is sealed opened."""
        return decoded(stored, self._open)

    def _streams(self, wanted: Wanted) -> list[str] | None:
        if wanted.run is not None:
            return [wanted.run]
        if wanted.procedure is None:
            return None
        given = {"tenant": self.tenant, "procedure": wanted.procedure}
        return [wanted.procedure, *(str(row[0]) for row in self.connection.execute(STREAMS, given))]


@contextmanager
def source(dsn: str, tenant: str, snapshot: str | None = None) -> Iterator[Source]:
    """One company's log, as a reader of it; as it is now, or as a snapshot shows it."""
    with psycopg.connect(as_role(dsn, ROLES.reader), client_encoding="utf8") as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if snapshot is not None:
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
        connection.execute(PATIENT)
        connection.execute(ENTER, (tenant,))
        yield Source(connection, tenant)


def _in(part: Part, stream: list[Pair]) -> Iterator[list[Pair]]:
    if stream and any(part.holds(meta) for _, meta in stream):
        yield stream
