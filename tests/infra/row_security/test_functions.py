"""What roles and functions can do beyond rows: only the application adds to the log, and none changes it."""

from typing import Any

import pytest
from psycopg import Connection, errors

from infra.roles import ROLES
from tests.infra.row_security.catalogue import ALL


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
