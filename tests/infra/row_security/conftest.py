"""A log of half a year, its read models, and rows in every other table; shared by the tests of row-level security."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from infra.ids import uuid7
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests
from tests.infra.row_security.catalogue import Relation, tenant_tables


@pytest.fixture(scope="module")
def filled(module_database: str, company: Any) -> str:  # noqa: F811
    """Every table that can hold a tenant's rows holds some."""
    with Live(module_database, PROJECTIONS) as live:
        while live.step():
            pass
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO console_passes VALUES ('x', 'link', %s, %s, now() + interval '1 day')",
            (company.tenant, uuid7()),
        )
        for one in tenant_tables(connection):
            if not found(connection, one, company.tenant):
                fill(connection, one, company.tenant)
    return module_database


@pytest.fixture
def connection(filled: str) -> Iterator[Connection[Any]]:
    """A superuser's, whose deeds are undone."""
    with psycopg.connect(filled, autocommit=True) as connected, connected.transaction(force_rollback=True):
        yield connected


def found(connection: Connection[Any], one: Relation, tenant: str) -> int:
    return connection.execute(f"SELECT FROM {one.name} WHERE tenant_id = %s".encode(), (tenant,)).rowcount


def fill(connection: Connection[Any], one: Relation, tenant: str) -> None:
    """A row of anything that fits."""
    needed = connection.execute(
        "SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND attnotnull AND NOT attisdropped",
        (one.name,),
    ).fetchall()
    values = {name: ANYTHING.get(kind, "{}") for name, kind in needed} | {"tenant_id": tenant}
    columns = sql.SQL(", ").join(map(sql.Identifier, values))
    given = sql.SQL(", ").join(sql.Placeholder() * len(values))
    table = sql.SQL(one.name)  # as the catalogue quotes it
    connection.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, columns, given), [*values.values()])


ANYTHING = {
    "uuid": uuid7(),
    "text": "x",
    "integer": "1",
    "smallint": "8",
    "bigint": "1",
    "boolean": "false",
    "date": "2026-10-01",
    "timestamp with time zone": "2026-10-01",
    "bytea": "0" * 32,
}
"""Values of each type; of arrays and JSON, an empty one."""
