"""The leaf hash, computed again from what the log holds and another implementation of RFC 8785."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import rfc8785

from domain.runs.events import Commented
from infra.event_store.codec import encode
from infra.ids import uuid7
from tests.infra.event_store.appending import Row, append, log, writes

Connection = psycopg.Connection[Any]
LONG_AGO = datetime(2024, 4, 1, tzinfo=UTC)


def expected_hash(row: Row) -> bytes:
    at = row.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    place: dict[str, str | int] = {"at": at, "seq": row.tenant_seq, "tenant": row.tenant_id}
    leaf = rfc8785.dumps({"event": json.loads(row.body), "log": place})
    return hashlib.sha256(b"\0" + leaf).digest()


def body_of(text: str) -> bytes:
    event = Commented(None, "m", text)  # type: ignore[arg-type]  # any id will do
    return encode(event, uuid7(), 1, actor="m", command=uuid7(), correlation="c")


@pytest.mark.parametrize("text", ["入社の手続き", 'a "quoted" \\ line\n\t\x01\x7f', "😀\ue000", ""])
def test_it_is_the_hash_of_the_canonical_leaf(connection: Connection, text: str) -> None:
    append(connection, writes(uuid7(), body=body_of(text)))
    [row] = log(connection)
    assert row.leaf_hash == expected_hash(row)


@pytest.mark.parametrize("microseconds", [0, 1, 120_000, 999_999])
def test_its_time_always_has_six_decimals(connection: Connection, microseconds: int) -> None:
    append(connection, writes(uuid7()), at=[LONG_AGO + timedelta(microseconds=microseconds)])
    [row] = log(connection)
    assert row.leaf_hash == expected_hash(row)


def test_it_does_not_depend_on_the_sessions_time_zone(connection: Connection) -> None:
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    append(connection, writes(uuid7()), at=[LONG_AGO])
    [row] = log(connection)
    assert row.leaf_hash == expected_hash(row)


def test_it_does_not_hold_the_position(connection: Connection) -> None:
    append(connection, writes(uuid7(), tenant=uuid7()), at=[LONG_AGO])
    tenant, body = uuid7(), body_of("x")
    append(connection, writes(uuid7(), tenant=tenant, body=body), at=[LONG_AGO])
    row = log(connection)[1]
    assert (row.position, row.tenant_seq) == (2, 1)
    assert row.leaf_hash == expected_hash(row)
