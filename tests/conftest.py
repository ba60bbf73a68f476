"""One PostgreSQL for each process of a run, a fresh migrated database for each test that asks.

ASHIATO_TEST_DATABASE_URL names a server to use instead of the embedded one, as a URL; its user must be
a superuser.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from infra.embedded_postgres import EmbeddedPostgres
from infra.migrations import migrate
from infra.roles import ensure_roles
from tests.broker.fixtures import kafka, kafka_servers, own_broker  # noqa: F401  # fixtures of every test

# The machine may be busy with other things: how long one example takes says nothing.
settings.register_profile("ashiato", deadline=None)
settings.load_profile("ashiato")

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def master_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The run's own master keys, for this process and those that it starts."""
    before = os.environ.get("ASHIATO_KEY_FILE")
    os.environ["ASHIATO_KEY_FILE"] = str(tmp_path_factory.mktemp("keys") / "keys")
    yield
    if before is None:
        del os.environ["ASHIATO_KEY_FILE"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the maintenance database of this process' server."""
    given = os.environ.get("ASHIATO_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with EmbeddedPostgres.temporary() as server:
        yield server.dsn


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database that nobody connects to: copies of it are quick."""
    with _new_database(postgres_server) as name:
        migrate(_url(postgres_server, name))
        yield name


@pytest.fixture
def database(postgres_server: str, template_database: str) -> Iterator[str]:
    """The URL of a fresh, migrated database for one test."""
    with _new_database(postgres_server, template_database) as name:
        yield _url(postgres_server, name)


@pytest.fixture(scope="module")
def module_database(postgres_server: str, template_database: str) -> Iterator[str]:
    """The URL of a migrated database that the tests of one module share."""
    with _new_database(postgres_server, template_database) as name:
        yield _url(postgres_server, name)


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """The URL of a database without any table of ours."""
    with _new_database(postgres_server) as name:
        yield _url(postgres_server, name)


@contextmanager
def _new_database(server: str, template: str = "template0") -> Iterator[str]:
    # The process id keeps those apart that share a server.
    name = f"ashiato_test_{os.getpid()}_{next(_numbers)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY = file_copy")
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    if template != "template0":
        with psycopg.connect(_url(server, name), autocommit=True) as connection:
            ensure_roles(connection)  # a copy of a database does not have what was granted on it
    yield name
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop.format(sql.Identifier(name)))


def _url(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()
