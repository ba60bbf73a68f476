"""The server's roles are made once; a user that may not make them learns what a superuser is to run."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from domain.ids import TenantId
from infra.ids import uuid7
from infra.read_store.live import connect
from infra.read_store.rebuild import rebuild
from infra.read_store.verify import verify
from infra.roles import ROLES, Roles, RolesMissing, as_role, ensure_roles
from projections.catalogue import PROJECTIONS
from services.bootstrap import read_side, write_side
from services.database import prepare
from services.doctor_of_roles import roles
from tests.infra.event_store.appending import TENANT, append, writes
from tests.infra.row_security.catalogue import faults


@pytest.fixture
def some(empty_database: str) -> Iterator[Roles]:
    """Names of roles that no server has."""
    end = secrets.token_hex(4)
    made = Roles(*(f"test_{name}_{end}" for name in ("owner", "writer", "app", "projector", "reader", "signer")))
    yield made
    with psycopg.connect(empty_database, autocommit=True) as connection:
        for name in (*made.taken, made.writer):
            if connection.execute("SELECT to_regrole(%s)", (name,)).fetchone() != (None,):
                connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


@contextmanager
def user(server: str, database: str, options: str) -> Iterator[str]:
    """A user of its own who owns a database of its own; the URL by which it logs in."""
    name = f"test_user_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'guess' {options}".encode())
        connection.execute(f"ALTER DATABASE {database} OWNER TO {name}".encode())
    at = urlsplit(server)
    yield at._replace(netloc=f"{name}:guess@{at.hostname}:{at.port}", path=f"/{database}").geturl()
    with psycopg.connect(urlsplit(server)._replace(path=f"/{database}").geturl(), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} OWNER TO CURRENT_USER".encode())
        connection.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name} CASCADE".encode())
        connection.execute(f"DROP ROLE {name}".encode())


def name_of(dsn: str) -> str:
    return urlsplit(dsn).path.removeprefix("/")


def test_databases_that_are_migrated_at_once_make_the_roles_together(empty_database: str, some: Roles) -> None:
    def make(_: int) -> None:
        with psycopg.connect(empty_database, autocommit=True) as connection:
            ensure_roles(connection, some)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(make, range(8)))
    with psycopg.connect(empty_database, autocommit=True) as connection:
        made = connection.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s) AND NOT rolcanlogin AND NOT rolinherit",
            ([*some.taken, some.writer],),
        ).fetchone()
    assert made == (6,)


def test_who_may_not_make_roles_is_told_what_a_superuser_runs(
    postgres_server: str, empty_database: str, some: Roles
) -> None:
    with user(postgres_server, name_of(empty_database), "NOINHERIT") as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection, pytest.raises(RolesMissing) as refused:
            ensure_roles(connection, some)
        script = str(refused.value).partition("a superuser runs once, on this database: ")[2]
        assert script.startswith(f'CREATE ROLE "{some.owner}" NOLOGIN NOINHERIT; ')
        with psycopg.connect(empty_database, autocommit=True) as superuser:
            superuser.execute(script.encode())
        with psycopg.connect(dsn, autocommit=True) as connection:
            ensure_roles(connection, some)


def test_connections_take_their_role_and_keep_the_options_that_a_url_has(database: str) -> None:
    with psycopg.connect(as_role(f"{database}?options=-c%20statement_timeout%3D7s", ROLES.reader)) as connection:
        seen = connection.execute("SELECT current_user::text, current_setting('statement_timeout')").fetchone()
    assert seen == (ROLES.reader, "7s")


def test_connections_tell_instants_in_utc_whatever_the_server_is_set_to(database: str) -> None:
    with psycopg.connect(as_role(f"{database}?options=-c%20timezone%3DAsia/Tokyo", ROLES.reader)) as connection:
        assert connection.execute("SELECT current_setting('timezone')").fetchone() == ("UTC",)


@pytest.mark.parametrize("options", ["", "CREATEROLE"])
async def test_a_user_that_is_no_superuser_runs_everything(
    postgres_server: str, template_database: str, empty_database: str, options: str
) -> None:
    with user(postgres_server, name_of(empty_database), options) as dsn:
        try:
            prepare(dsn)
        except RolesMissing as refused:  # the roles are another user's, who alone may give them; since 16
            with psycopg.connect(empty_database, autocommit=True) as superuser:
                superuser.execute(str(refused).partition("on this database: ")[2].encode())
        prepare(dsn)
        prepare(dsn)
        rebuild(dsn, PROJECTIONS, workers=1)
        assert verify(dsn, PROJECTIONS, workers=1) == []
        async with write_side(dsn) as write, read_side(dsn) as read:
            assert await read.positions.head() == await write.reader.last_seq(TenantId(TENANT)) == 0
        with psycopg.connect(as_role(dsn, ROLES.application), autocommit=True) as connection:
            append(connection, writes(uuid7(), count=3))
        async with write_side(dsn) as write, read_side(dsn) as read:
            assert await read.positions.head() == await write.reader.last_seq(TenantId(TENANT)) == 3
        with connect(dsn) as connection:
            connection.execute("UPDATE projections SET position = 3")  # the events of this test cannot be folded
            assert [finding for finding in roles(connection) if not finding.well] == []
            assert faults(connection) == []


def test_a_user_that_may_make_roles_needs_nobody(postgres_server: str, empty_database: str, some: Roles) -> None:
    with (
        user(postgres_server, name_of(empty_database), "CREATEROLE") as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        ensure_roles(connection, some)
        ensure_roles(connection, some)
        for name in some.taken:
            connection.execute(sql.SQL("SET ROLE {}; RESET ROLE").format(sql.Identifier(name)))
