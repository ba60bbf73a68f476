"""The doctor finds what was done to the log behind the program's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from infra.read_store.live import Live, connect
from projections.catalogue import PROJECTIONS
from services.database import prepare
from services.doctor import examine
from services.doctor_of_roles import roles
from services.finding import Finding
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests
from tests.services.commanding import ashiato
from tests.tampering import GUARD, UNGUARD

TABLES = ("events", "commands", "projections")


def bad(findings: list[Finding]) -> list[str]:
    """What was found wrong, but for settings: servers for tests are quick rather than durable."""
    return [f.text for f in findings if not f.well and " is off" not in f.text]


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("UPDATE events SET body = body || ' ' WHERE position = 17", "the first at position 17"),
        ("UPDATE events SET recorded_at = recorded_at - interval '1 year' WHERE position = 20", "go backwards"),
        ("DELETE FROM events WHERE position = 9", "have a gap"),
        ("DELETE FROM events WHERE position = (SELECT max(last_position) FROM commands)", "not in the log"),
        ("UPDATE events SET type = 'run.cancelled' WHERE position = 31", "does not say, the first at position 31"),
        ("UPDATE events SET stream_id = gen_random_uuid() WHERE position = 32", "the first at position 32"),
        ("UPDATE events SET version = 9999 WHERE position = 33", "does not say, the first at position 33"),
        ("UPDATE events SET body = 'not JSON' WHERE position = 34", "does not say, the first at position 34"),
        ("UPDATE events SET tenant_id = gen_random_uuid() WHERE position = 35", "hash, the first at position 35"),
        ("UPDATE events SET tenant_id = gen_random_uuid() WHERE position = 36", "have a gap"),
        ("UPDATE commands SET tenant_id = gen_random_uuid()", "that is not theirs"),
        ("UPDATE commands SET command_id = gen_random_uuid()", "that is not theirs"),
        ("UPDATE commands SET last_position = last_position - 1 WHERE last_position > 1", "that is not theirs"),
        ("DELETE FROM projections WHERE name = 'trail'", "read model trail has no row in projections"),
        ("UPDATE projections SET version = 0 WHERE name = 'seats'", "read model seats is of version 0, not"),
        ("UPDATE projections SET position = -10000 WHERE name = 'tasks'", "read model tasks is of version"),
    ],
)
def test_a_deed_behind_the_programs_back_is_found(
    module_database: str, company: object, deed: str, found: str  # noqa: F811
) -> None:
    prepare(module_database)
    follow(module_database)
    assert bad(examine(module_database)) == []
    with psycopg.connect(module_database, autocommit=True) as connection, kept(connection):
        connection.execute(deed.encode())
        assert any(found in text for text in bad(examine(module_database)))


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("ALTER TABLE events NO FORCE ROW LEVEL SECURITY", "name a tenant: public.events"),
        ("ALTER TABLE tasks.task DISABLE ROW LEVEL SECURITY", "name a tenant: tasks.task"),
        ("DROP POLICY tenant ON seats.seat_limit", "name a tenant: seats.seat_limit"),
        ("CREATE VIEW everyone AS TABLE directory.person", "name a tenant: public.everyone"),
        ("CREATE TABLE note (tenant_id uuid)", "name a tenant: public.note"),
        ("GRANT UPDATE (type) ON events TO ashiato_app", "may change events: ashiato_app"),
        ("GRANT ALL ON events TO PUBLIC", "may change events: ashiato_app, ashiato_projector, ashiato_reader"),
        ("ALTER TABLE events DISABLE TRIGGER never_changed", "not guarded against changes"),
        ("ALTER TABLE events ENABLE TRIGGER never_changed", "not guarded against changes"),
        ("DROP TRIGGER never_changed ON events", "not guarded against changes"),
    ],
)
def test_a_hole_in_who_may_do_what_is_found(database: str, deed: str, found: str) -> None:
    prepare(database)
    with psycopg.connect(database) as connection:
        connection.execute(deed.encode())
    assert [text for text in bad(examine(database)) if found in text]


def test_a_role_that_passes_by_the_policies_is_found(database: str) -> None:
    prepare(database)
    with psycopg.connect(database, autocommit=True) as superuser, connect(database) as connection:
        assert [finding for finding in roles(connection) if not finding.well] == []
        superuser.execute("ALTER ROLE ashiato_reader BYPASSRLS")
        try:
            assert [f.text for f in roles(connection) if not f.well] == [
                "1 roles may log in or pass by row-level security: ashiato_reader"
            ]
        finally:
            superuser.execute("ALTER ROLE ashiato_reader NOBYPASSRLS")


def test_it_tells_how_far_it_is(module_database: str, company: object) -> None:  # noqa: F811
    prepare(module_database)
    told: list[tuple[int, int]] = []
    examine(module_database, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 0


def test_an_empty_log_is_well(database: str) -> None:
    prepare(database)
    assert bad(examine(database)) == []


def test_a_read_model_without_its_row_is_found_and_mended_by_a_rebuild(database: str) -> None:
    prepare(database)
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM projections WHERE name = 'trail'")
    assert "BAD read model trail has no row in projections" in ashiato("doctor", DATABASE_URL=database).stdout
    assert ashiato("rebuild", "trail", DATABASE_URL=database).returncode == 0
    assert "ok  read model trail" in ashiato("doctor", DATABASE_URL=database).stdout


def follow(dsn: str) -> None:
    """Bring the read models up to date."""
    with Live(dsn, PROJECTIONS) as live:
        while live.step():
            pass


@contextmanager
def kept(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """The tables are afterwards as they were."""
    for table in TABLES:
        connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
    connection.execute(UNGUARD)
    yield
    for table in TABLES:
        connection.execute(f"TRUNCATE {table}")
        connection.execute(f"INSERT INTO {table} TABLE kept_{table}")
        connection.execute(f"DROP TABLE kept_{table}")
    connection.execute(GUARD)
