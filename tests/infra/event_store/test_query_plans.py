"""On a filled log no statement of the hot paths reads a table from end to end."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL

from infra.event_store import reader, recorder
from infra.event_store.arrays import Bytes, Ints, Uuids, register
from infra.ids import uuid7
from infra.tenancy import entering
from tests.infra.event_store.appending import TENANT, append, writes

Connection = psycopg.Connection[Any]
STREAMS = [uuid7() for _ in range(1_500)]
COMMAND = uuid7()
READS = "SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_xact_user_tables WHERE relname IN ('events', 'commands')"


@pytest.fixture(scope="module")
def filled(module_database: str) -> str:
    with psycopg.connect(module_database, autocommit=True) as connection:
        append(connection, *(writes(stream, count=3) for stream in STREAMS), writes(uuid7(), id=COMMAND))
        connection.execute("VACUUM (ANALYZE) events, commands")
    return module_database


@pytest.fixture
def connection(filled: str) -> Iterator[Connection]:
    with psycopg.connect(filled, autocommit=True) as connected, connected.transaction(force_rollback=True):
        register(connected.adapters)
        yield connected


def whole_reads(connection: Connection) -> int:
    row = connection.execute(READS).fetchone()
    assert row is not None
    return int(row[0])


def test_the_measure_notices_one(connection: Connection) -> None:
    before = whole_reads(connection)
    connection.execute("SELECT count(DISTINCT body) FROM events")
    assert whole_reads(connection) > before


LOADED = (Uuids([TENANT] * 3), Uuids(STREAMS[:3]), Ints([0, 1, 2]), Bytes([b"", b"", b""]))
STATEMENTS: dict[str, tuple[str, Any]] = {
    "streams and kept states": (re.sub(r"\$\d", "%s", reader.STREAMS.sql), LOADED),
    "the ledger": (reader.LEDGER, entering(TENANT, command=COMMAND)),
    "the last sequence": (reader.LAST_SEQ, entering(TENANT)),
    "a stream for the library": (recorder.STREAM, (TENANT, STREAMS[5], 0, 9, None)),
    "a stream backwards": (recorder.STREAM_BACKWARDS, (TENANT, STREAMS[5], 0, 9, 1)),
    "notifications": (
        recorder.NOTIFICATIONS,
        {"tenant": TENANT, "after": 4_000, "stop": 2**40, "topics": None, "limit": 10},
    ),
    "the tenant's last": (recorder.HIGHEST, (TENANT,)),
}


@pytest.mark.parametrize("plans", ["custom", "generic"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_read_goes_by_an_index(connection: Connection, name: str, plans: str) -> None:
    statement, parameters = STATEMENTS[name]
    connection.execute(SQL("SET plan_cache_mode = force_{}_plan").format(SQL(plans)))
    before = whole_reads(connection)
    assert connection.execute(statement, parameters, prepare=True).fetchall()
    assert whole_reads(connection) == before


@pytest.mark.parametrize("simulated", [False, True], ids=["real", "simulated"])
def test_an_append_goes_by_indexes(connection: Connection, simulated: bool) -> None:
    commands = [writes(uuid7()), writes(STREAMS[7], after=3), writes(uuid7(), id=COMMAND), writes(STREAMS[8])]
    at = [datetime.now(UTC)] * 4 if simulated else None
    before = whole_reads(connection)
    answers = append(connection, *commands, at=at)
    assert [answer.verdict for answer in answers] == ["appended", "appended", "duplicate", "conflict"]
    assert whole_reads(connection) == before
