"""A log filled by hand, a signer for it, and its leaves computed by another implementation."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
import rfc8785

from infra.evidence.keyring import signing_key
from infra.evidence.reading import Evidence
from infra.evidence.rounds import Round, sign_round
from infra.ids import uuid7
from infra.read_store.asking import reading_pool
from infra.roles import ROLES, as_role
from tests.infra.event_store.appending import append, log, writes

NAME = "ashiato.test"
Connection = psycopg.Connection[Any]


def fill(dsn: str, tenant: str, count: int) -> None:
    """Append events of a tenant, each with a body of its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for begin in range(0, count, 500):
            streams = [uuid7() for _ in range(begin, min(begin + 500, count))]
            append(connection, *(writes(stream, tenant=tenant, body=body_of(stream)) for stream in streams))


def body_of(stream: str, said: str = "x") -> bytes:
    """A body that says where it belongs."""
    return f'{{"said":"{said}","stream":"{stream}","type":"test.happened","version":1}}'.encode()


@contextmanager
def signer_connection(dsn: str) -> Iterator[Connection]:
    """A connection of the role that signs."""
    with psycopg.connect(as_role(dsn, ROLES.signer), autocommit=True) as connection:
        yield connection


def sign(dsn: str, folder: Path) -> Round:
    """Rounds until there is nothing more; what they did together."""
    done = Round()
    with signer_connection(dsn) as connection:
        key, signer = signing_key(connection, folder / "key.pem", NAME)
        while True:
            one = sign_round(connection, key.name, [signer])
            assert one is not None
            events, checkpoints = done.events + one.events, done.checkpoints + one.checkpoints
            done = Round(events, checkpoints, one.more, done.misfits + one.misfits)
            if not one.more:
                return done


def leaves(dsn: str, tenant: str) -> list[bytes]:
    """What a tenant's leaves are, as RFC 8785 writes them, by sequence."""
    with psycopg.connect(dsn) as connection:
        rows = [row for row in log(connection) if row.tenant_id == tenant]
    made: list[bytes] = []
    for row in sorted(rows, key=lambda row: row.tenant_seq):
        at = row.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        place: dict[str, str | int] = {"at": at, "seq": row.tenant_seq, "tenant": row.tenant_id}
        made.append(rfc8785.dumps({"event": json.loads(row.body), "log": place}))
    return made


@contextmanager
def superuser(dsn: str) -> Iterator[Connection]:
    """Whoever may do anything."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def stored(dsn: str, tenant: str) -> Sequence[tuple[Any, ...]]:
    """The checkpoints of a tenant: size, root and note, by size and time."""
    with superuser(dsn) as connection:
        return connection.execute(
            "SELECT size, root, note FROM checkpoints WHERE tenant_id = %s ORDER BY size, signed_at", (tenant,)
        ).fetchall()


class Reading:
    """Evidence for as long as the block runs."""

    def __init__(self, dsn: str) -> None:
        self._pool = reading_pool(dsn, 1)

    async def __aenter__(self) -> Evidence:
        await self._pool.open()
        return Evidence(self._pool)

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()


