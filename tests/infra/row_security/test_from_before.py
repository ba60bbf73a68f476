"""A database from before there were roles is migrated with what it holds."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from infra.ids import uuid7
from infra.migrations import RELEASED, migrate, read_migrations
from infra.read_store import tables
from infra.read_store.live import BEGIN, Live, connect
from infra.roles import ROLES, as_role
from infra.tenancy import ENTER
from projections.catalogue import PROJECTIONS
from tests.infra.event_store.appending import TENANT, append, writes
from tests.infra.row_security.catalogue import faults

ALL = read_migrations(RELEASED)
BEFORE = next(n for n, migration in enumerate(ALL) if migration.name == "row_security")
LOG = "SELECT e::text, encode(leaf_hash, 'hex') FROM events e ORDER BY position"


@pytest.fixture
def old(empty_database: str, tmp_path: Path) -> str:
    """Events, and read models that belong to whoever migrated, one of them left by a rebuild that was killed."""
    for migration in ALL[:BEFORE]:
        (tmp_path / f"{migration.title}.sql").write_bytes(migration.text)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        migrate(connection, tmp_path)
        append(connection, *(writes(uuid7(), count=3) for _ in range(5)))
        for projection in PROJECTIONS:
            with connection.transaction():
                for statement in tables.create(projection, projection.name):
                    connection.execute(statement.encode())
            connection.execute(BEGIN, (projection.name, projection.version))
        with connection.transaction():
            for statement in tables.create(PROJECTIONS[0], f"{PROJECTIONS[0].name}__next"):
                connection.execute(statement.encode())
        connection.execute("INSERT INTO directory.company VALUES (%s, 'Aoba', 'Asia/Tokyo')", (TENANT,))
    return empty_database


def asked(dsn: str, role: str, tenant: str, statement: str) -> list[Any]:
    with psycopg.connect(as_role(dsn, role)) as connection:
        connection.execute(ENTER, (tenant,))
        return connection.execute(statement.encode()).fetchall()


def test_its_log_and_its_rows_are_as_they_were_and_kept_apart(old: str) -> None:
    with psycopg.connect(old) as connection:
        before = connection.execute(LOG).fetchall()
    migrate(old)
    with psycopg.connect(old) as connection:
        assert connection.execute(LOG).fetchall() == before
        left = "directory__next."
        assert [fault for fault in faults(connection) if not fault.startswith(left)] == []
    names = "SELECT name FROM directory.company"
    assert asked(old, ROLES.reader, TENANT, names) == [("Aoba",)]
    assert asked(old, ROLES.reader, uuid7(), names) == []
    with pytest.raises(errors.InsufficientPrivilege):
        asked(old, ROLES.reader, TENANT, "TABLE directory__next.company")


def test_its_projector_and_its_writers_go_on(old: str) -> None:
    migrate(old)
    with psycopg.connect(as_role(old, ROLES.application), autocommit=True) as connection:
        [answer] = append(connection, writes(uuid7()))
    assert answer.seq == 16
    with Live(old, PROJECTIONS) as live, connect(old) as connection:
        assert live.position == 0
        connection.execute("DROP SCHEMA directory__next CASCADE")
        connection.execute("ALTER SCHEMA tasks RENAME TO tasks__old")
