"""Every table and view of the catalogue, tried as each role: as its tenant, as another, and as nobody."""

from typing import Any

import pytest
from psycopg import Connection, errors, sql

from infra.ids import uuid7
from infra.roles import ROLES
from tests.infra.row_security.catalogue import ALL, DELETE, INSERT, SELECT, UPDATE, Relation, faults, tenant_tables
from tests.infra.row_security.conftest import found

OTHER, NOBODY = uuid7(), ""


def rows(connection: Connection[Any], role: str, tenant: str, statement: str) -> int | None:
    """How many rows a statement of a role sees or touches as a tenant; None when it is refused."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            connection.execute("SELECT set_config('ashiato.tenant', %s, true)", (tenant,))
            return connection.execute(statement.encode()).rowcount
    except errors.InsufficientPrivilege:
        return None


def statements(one: Relation) -> dict[str, str]:
    return {
        SELECT: f"SELECT FROM {one.name}",
        UPDATE: f"UPDATE {one.name} SET tenant_id = tenant_id",
        DELETE: f"DELETE FROM {one.name}",
    }


def test_every_table_is_protected_and_every_key_begins_with_its_tenant(connection: Connection[Any]) -> None:
    assert faults(connection) == []


def test_every_table_of_a_tenant_holds_rows_here(connection: Connection[Any], company: Any) -> None:
    assert [one.name for one in tenant_tables(connection) if not found(connection, one, company.tenant)] == []


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize("tenant", [OTHER, NOBODY], ids=["another", "nobody"])
def test_another_tenant_and_nobody_find_and_change_nothing(
    connection: Connection[Any], role: str, tenant: str
) -> None:
    for one in tenant_tables(connection):
        for what, statement in statements(one).items():
            touched = rows(connection, role, tenant, statement)
            if what not in one.may(role):
                assert touched is None, (role, what, one.name)
            elif one.shows_all(role):
                assert touched, (role, what, one.name)
            else:
                assert touched == 0, (role, what, one.name)


@pytest.mark.parametrize("role", ALL)
def test_a_tenant_finds_its_own_where_its_role_may_look(
    connection: Connection[Any], role: str, company: Any
) -> None:
    for one in tenant_tables(connection):
        for what, statement in statements(one).items():
            touched = rows(connection, role, company.tenant, statement)
            assert bool(touched) == (what in one.may(role)), (role, what, one.name)


@pytest.mark.parametrize("role", ALL)
def test_no_row_is_added_for_another_tenant(connection: Connection[Any], role: str) -> None:
    for one in tenant_tables(connection):
        again = f"INSERT INTO {one.name} SELECT * FROM kept"
        with connection.transaction(force_rollback=True):
            connection.execute(f"CREATE TEMPORARY TABLE kept AS SELECT * FROM {one.name} LIMIT 1".encode())
            connection.execute("GRANT SELECT ON kept TO PUBLIC")
            clear = f"ALTER TABLE {one.name} DISABLE TRIGGER USER; DELETE FROM {one.name}"
            connection.execute(clear.encode())
            added = rows(connection, role, OTHER, again)
        assert bool(added) == (INSERT in one.may(role) and one.shows_all(role)), (role, one.name)


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        ("CREATE TABLE note (tenant_id uuid NOT NULL, text text)", "public.note: row-level security is not forced"),
        (
            "CREATE TABLE note (tenant_id uuid NOT NULL); ALTER TABLE note ENABLE ROW LEVEL SECURITY",
            "public.note: row-level security is not forced",
        ),
        ("CREATE TABLE note (text text)", "public.note: no tenant_id, and no reason why"),
        ("CREATE VIEW everything AS TABLE events", "public.everything: a view without security_invoker"),
        ("CREATE MATERIALIZED VIEW kept AS TABLE events", "public.kept: row-level security cannot protect"),
        (
            "CREATE TABLE note (id int PRIMARY KEY, tenant_id uuid NOT NULL); SELECT protect('note')",
            "note_pkey: a unique key that does not begin with tenant_id",
        ),
        ("DROP POLICY tenant ON tasks.task", "tasks.task: no policy for its tenant"),
        ("ALTER TABLE seats.seat_entry NO FORCE ROW LEVEL SECURITY", "seats.seat_entry: row-level security is not"),
    ],
)
def test_what_is_planted_is_found(connection: Connection[Any], plant: str, fault: str) -> None:
    connection.execute(plant.encode())
    assert [found[: len(fault)] for found in faults(connection)] == [fault]


def test_a_view_shows_its_readers_rows(connection: Connection[Any], company: Any) -> None:
    connection.execute("CREATE VIEW tasks.late AS TABLE tasks.task; SELECT protect_read_models('tasks', true)")
    assert faults(connection) == []
    assert rows(connection, ROLES.reader, company.tenant, "SELECT FROM tasks.late")
    assert rows(connection, ROLES.reader, OTHER, "SELECT FROM tasks.late") == 0


@pytest.mark.parametrize("name", ["schema_migrations", "projections"])
def test_a_table_without_a_tenant_is_not_protected_by_mistake(connection: Connection[Any], name: str) -> None:
    with pytest.raises(errors.RaiseException, match="to be a view, or a table with tenant_id"):
        connection.execute("SELECT protect(%s::regclass)", (name,))
