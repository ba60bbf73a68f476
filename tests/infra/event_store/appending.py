"""Calls of the `append` function by hand, with bodies as given, and the log as it then is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from infra.ids import uuid7

TENANT = "0198c1e5-7f40-7abc-8def-000000000001"
OTHER_TENANT = "0198c1e5-7f40-7abc-8def-000000000002"
BODY = b'{"said":"x"}'

APPEND = """
    SELECT verdict, last_position AS position, last_seq AS seq, recorded_at, result, request_hash
    FROM append(%s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[], %s::timestamptz[],
                %s::int[], %s::uuid[], %s::int[], %s::boolean[],
                %s::int[], %s::uuid[], %s::int[], %s::text[], %s::bytea[])
"""


@dataclass(frozen=True)
class Asked:
    """A command: streams seen as (stream, version, writes), events as (stream, version)."""

    seen: tuple[tuple[str, int, bool], ...]
    events: tuple[tuple[str, int], ...]
    tenant: str = TENANT
    id: str = field(default_factory=uuid7)
    hash: bytes = b"hash"
    result: bytes = b"first"
    body: bytes = BODY


class Answer(NamedTuple):
    verdict: str
    position: int
    seq: int
    recorded_at: datetime
    result: bytes | None
    request_hash: bytes | None


class Row(NamedTuple):
    position: int
    tenant_id: str
    tenant_seq: int
    stream_id: str
    version: int
    type: str
    recorded_at: datetime
    body: bytes
    leaf_hash: bytes


def writes(stream: str, after: int = 0, count: int = 1, **others: Any) -> Asked:
    """A command that saw `stream` at version `after` and writes `count` events to it."""
    events = tuple((stream, after + n) for n in range(1, count + 1))
    return Asked(((stream, after, True),), events, **others)


def append(
    connection: psycopg.Connection[Any], *asked: Asked, at: Sequence[datetime | None] | None = None
) -> list[Answer]:
    """The verdict of each command of one batch; `at` is a simulated clock."""
    seen = [(n, *s) for n, one in enumerate(asked, 1) for s in one.seen]
    events = [(n, *e, one.body) for n, one in enumerate(asked, 1) for e in one.events]
    parameters = (
        [one.tenant for one in asked],
        [one.id for one in asked],
        [one.hash for one in asked],
        [one.result for one in asked],
        at,
        *([s[place] for s in seen] for place in range(4)),
        [e[0] for e in events],
        [e[1] for e in events],
        [e[2] for e in events],
        ["test.happened" for _ in events],
        [e[3] for e in events],
    )
    with connection.cursor(row_factory=class_row(Answer)) as cursor:
        return cursor.execute(APPEND, parameters).fetchall()


def verdicts(connection: psycopg.Connection[Any], *asked: Asked) -> list[str]:
    return [answer.verdict for answer in append(connection, *asked)]


def log(connection: psycopg.Connection[Any]) -> list[Row]:
    """Every event, by position."""
    with connection.cursor(row_factory=class_row(Row)) as cursor:
        return cursor.execute(
            "SELECT position, tenant_id::text, tenant_seq, stream_id::text, version, type, recorded_at, body, leaf_hash"
            " FROM events ORDER BY position"
        ).fetchall()
