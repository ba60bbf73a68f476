"""Every table and view of the catalogue, tried as each role: as its tenant, as another, and as nobody."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors, sql

from infra.ids import uuid7
from infra.read_store.live import Live
from infra.roles import ROLES
from infra.tenancy import as_tenant
from projections.catalogue import PROJECTIONS
from queries.trail import trail
from services.bootstrap import read_side, write_side
from services.console.links import Links
from tests.infra.read_store.conftest import END, company  # noqa: F401  # the log of these tests
from tests.infra.row_security.catalogue import DELETE, INSERT, SELECT, UPDATE, Relation, faults, relations

ALL = (*ROLES.taken, ROLES.writer)
OTHER, NOBODY = uuid7(), ""


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


def rows(connection: Connection[Any], role: str, tenant: str, statement: str) -> int | None:
    """How many rows a statement of a role sees or touches as a tenant; None when it is refused."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            connection.execute("SELECT set_config('ashiato.tenant', %s, true)", (tenant,))
            return connection.execute(statement.encode()).rowcount
    except errors.InsufficientPrivilege:
        return None


def tenant_tables(connection: Connection[Any]) -> list[Relation]:
    return [one for one in relations(connection) if one.has_tenant]


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


def statements(one: Relation) -> dict[str, str]:
    return {
        SELECT: f"SELECT FROM {one.name}",
        UPDATE: f"UPDATE {one.name} SET tenant_id = tenant_id",
        DELETE: f"DELETE FROM {one.name}",
    }


def test_every_table_is_protected_and_every_key_begins_with_its_tenant(connection: Connection[Any]) -> None:
    assert faults(connection) == []


def test_every_table_of_a_tenant_holds_rows_here(connection: Connection[Any], company: Any) -> None:  # noqa: F811
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
    connection: Connection[Any], role: str, company: Any  # noqa: F811
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


def test_no_role_logs_in_or_passes_by_the_policies(connection: Connection[Any]) -> None:
    able = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)"
        " AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolinherit)",
        (list(ALL),),
    ).fetchall()
    assert able == []


def test_nobody_takes_the_writers_role_but_its_owner(connection: Connection[Any]) -> None:
    members = connection.execute(
        "SELECT DISTINCT member::regrole::text FROM pg_auth_members WHERE roleid = %s::regrole", (ROLES.writer,)
    ).fetchall()
    assert {name for (name,) in members} == {ROLES.owner}


def test_what_runs_as_another_has_its_search_path_pinned(connection: Connection[Any]) -> None:
    found = connection.execute(
        "SELECT proname, proowner::regrole::text, array_to_string(proconfig, ' ') FROM pg_proc WHERE prosecdef"
        " AND pronamespace::regnamespace::text !~ '^pg_|^information_schema$' ORDER BY 1"
    ).fetchall()
    assert [(name, owner) for name, owner, _ in found] == [
        (name, ROLES.writer) for name in (
            *("append", "append_with_keys", "data_keys_made", "data_keys_of", "data_keys_rewrapped", "destroy_key"),
            *("erase_again", "erased_since", "follow_webhook", "forget_requests", "log_head", "log_time", "streams"),
        )
    ]
    assert all("search_path=pg_catalog, public, pg_temp" in settings for _, _, settings in found)
    assert not connection.execute(
        "SELECT FROM pg_roles r, pg_namespace n WHERE n.nspname = 'public' AND NOT r.rolsuper"
        " AND r.rolname !~ '^pg_' AND r.rolname <> %s AND r.oid <> n.nspowner"
        " AND has_schema_privilege(r.oid, n.oid, 'CREATE') AND r.rolname LIKE 'ashiato\\_%%'",
        (ROLES.owner,),
    ).rowcount
    public = "SELECT FROM aclexplode((SELECT nspacl FROM pg_namespace WHERE nspname = 'public')) WHERE grantee = 0"
    assert not connection.execute(f"{public} AND privilege_type = 'CREATE'".encode()).rowcount


@pytest.mark.parametrize("role", [ROLES.owner, ROLES.projector, ROLES.reader, ROLES.signer])
def test_only_the_application_appends_and_loads_streams(connection: Connection[Any], role: str) -> None:
    for function in ("append", "streams"):
        may = connection.execute(
            "SELECT has_function_privilege(%s, oid, 'EXECUTE'), has_function_privilege(%s, oid, 'EXECUTE')"
            " FROM pg_proc WHERE proname = %s AND pronamespace = 'public'::regnamespace",
            (ROLES.application, role, function),
        ).fetchall()
        assert may == [(True, False)]


@pytest.mark.parametrize("deed", ["UPDATE events SET type = type", "DELETE FROM events", "TRUNCATE events"])
@pytest.mark.parametrize("replica", [False, True], ids=["as ever", "as a replica"])
def test_not_even_a_superuser_changes_the_log_by_mistake(
    connection: Connection[Any], deed: str, replica: bool
) -> None:
    if replica:
        connection.execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(errors.InsufficientPrivilege, match="to be added to only"):
        connection.execute(deed.encode())


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


def test_a_view_shows_its_readers_rows(connection: Connection[Any], company: Any) -> None:  # noqa: F811
    connection.execute("CREATE VIEW tasks.late AS TABLE tasks.task; SELECT protect_read_models('tasks', true)")
    assert faults(connection) == []
    assert rows(connection, ROLES.reader, company.tenant, "SELECT FROM tasks.late")
    assert rows(connection, ROLES.reader, OTHER, "SELECT FROM tasks.late") == 0


@pytest.mark.parametrize("name", ["schema_migrations", "projections"])
def test_a_table_without_a_tenant_is_not_protected_by_mistake(connection: Connection[Any], name: str) -> None:
    with pytest.raises(errors.RaiseException, match="to be a view, or a table with tenant_id"):
        connection.execute("SELECT protect(%s::regclass)", (name,))


@pytest.mark.parametrize("as_of", [None, 50], ids=["now", "then"])
async def test_a_connection_that_answered_a_tenant_shows_nothing_to_who_comes_next(
    filled: str, company: Any, as_of: int | None  # noqa: F811
) -> None:
    async with write_side(filled) as write, read_side(filled, 1) as read:
        assert await trail(read.ask, company.tenant, as_of=as_of)
        assert await write.reader.last_seq(company.tenant) > 50
        for pool in (read.connections, write.connections):
            async with pool.connection() as connection:
                assert (await connection.execute("SELECT FROM events LIMIT 1")).rowcount == 0


async def test_who_asks_for_many_rows_as_a_tenant_sees_them_until_the_block_ends(
    filled: str, company: Any  # noqa: F811
) -> None:
    async with write_side(filled) as write, write.connections.connection() as connection:
        async with as_tenant(connection, company.tenant):
            found = await (await connection.execute("SELECT tenant_id::text FROM events LIMIT 5")).fetchall()
            assert found == [(company.tenant,)] * 5
        async with as_tenant(connection, OTHER):
            assert await (await connection.execute("SELECT FROM events LIMIT 5")).fetchall() == []
        assert (await connection.execute("SELECT FROM events LIMIT 5")).rowcount == 0


async def test_the_keeper_of_a_pass_sees_that_pass_alone(filled: str) -> None:
    async with write_side(filled) as write:
        links = Links(write.connections)
        path = await links.issue(uuid7(), uuid7(), END)  # type: ignore[arg-type]  # any ids will do
        assert await links.enter(path.partition("=")[2], END)
        async with write.connections.connection() as connection:
            assert (await connection.execute("SELECT FROM console_passes")).rowcount == 0
