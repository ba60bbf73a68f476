"""Every key of a tenant's table begins with the tenant: a database that is spread by tenant asks no more.

Citus, for one, demands that primary keys and unique indexes hold the column by which a table is distributed.
docs/scaling.md and docs/decisions/037 say what becomes of those that do not.
"""

import psycopg
import pytest

from services.database import prepare

KEYS = """
    SELECT n.nspname || '.' || c.relname, i.relname, a.attname
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
    WHERE x.indisunique AND n.nspname NOT LIKE 'pg\\_%' AND c.relkind IN ('r', 'p')
      AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
"""
OTHERWISE = {
    "events_pkey": "positions are the server's own count: each node would have one, and the key begin with the tenant",
    "console_passes_pkey": "a pass is found by its SHA-256 before a tenant is known: the table would be on every node",
}
"""Keys that begin with something else, and what becomes of them beyond one server."""


@pytest.fixture(scope="module")
def keys(module_database: str) -> list[tuple[str, str, str]]:
    """Each unique index of tables with a tenant: the table, the index, and its first column."""
    prepare(module_database)
    with psycopg.connect(module_database) as connection:
        return connection.execute(KEYS).fetchall()


def test_every_key_of_a_tenants_table_begins_with_the_tenant(keys: list[tuple[str, str, str]]) -> None:
    assert {index for _, index, first in keys if first != "tenant_id"} == set(OTHERWISE)


def test_every_tenants_table_has_such_a_key(keys: list[tuple[str, str, str]]) -> None:
    by_tenant = {table for table, _, first in keys if first == "tenant_id"}
    assert {table for table, _, _ in keys} - by_tenant == {"public.console_passes"}
    assert len(by_tenant) > 20
