"""The database that a command works on: the one named, the one that runs already, or our own for as long as it runs."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import DuplicateSchema

from infra.embedded_postgres import EmbeddedPostgres, FolderInUse, Keeper, dsn_of_running
from infra.keys.master import ID, KeyFileWrong, Master, master_of
from infra.migrations import migrate
from infra.read_store.live import connect, ensure
from infra.settings import Settings
from projections.catalogue import PROJECTIONS

CONNECT_WITHIN = 10
COMES_UP_WITHIN = 30.0
"""Seconds to wait for a server that another process is just starting."""
LOOK_EVERY = 0.2

REASONS = {
    "refused": "nothing listens there",
    "password authentication failed": "it refused the user or the password",
    "no pg_hba.conf entry": "it does not let this user in from here",
    "does not exist": "it does not know that user or database",
    "too many": "it has no connection left",
    "starting up": "it is just starting; try again",
    "shutting down": "it is just stopping",
    "translate host name": "that host is not known",
    "timeout": "it did not answer in time",
}


class DatabaseUnreachable(RuntimeError):
    """The database that DATABASE_URL names cannot be reached."""


@contextmanager
def database(settings: Settings, *, broken: bool = False) -> Iterator[str]:
    """The migrated database, for a command that ends: the one named, that of a running program, or our own.

    Who looks for what is wrong, or mends it, takes it `broken` too: with tables of read models that are not on record.
    """
    with _named(settings) if settings.database_url else _running_or_own(settings) as dsn:
        with suppress(DuplicateSchema) if broken else nullcontext():
            prepare(dsn)
        yield dsn


@contextmanager
def lasting_database(settings: Settings) -> Iterator[str]:
    """The migrated database, for a program that stays: the one named, or our own, started again when it ends.

    The server of another process will not do, for it ends with that process: FolderInUse. When ours is lost for good we
    send ourselves SIGTERM, and the end of the block raises EmbeddedPostgresError.
    """
    with _named(settings) if settings.database_url else _kept(settings) as dsn:
        prepare(dsn)
        yield dsn


@contextmanager
def database_as_it_is(settings: Settings) -> Iterator[str]:
    """The one named, as it is: for a part whose user may take its own role only. Otherwise our own, migrated."""
    if settings.database_url:
        with _named(settings) as dsn:
            yield dsn
        return
    with lasting_database(settings) as dsn:
        yield dsn


def prepare(dsn: str) -> None:
    """Bring the schema up to date, and make the tables of read models that have none yet."""
    migrate(dsn)
    with connect(dsn) as connection:
        check_master(connection, master_of())
        ensure(connection, PROJECTIONS)


def check_master(connection: Connection[Any], master: Master) -> None:
    """Refuse to begin with master keys that are not this database's. Raises KeyFileWrong."""
    row = connection.execute("SELECT wrapped FROM data_keys LIMIT 1").fetchone()
    if row is not None and bytes(row[0])[:ID] not in master.ids:
        raise KeyFileWrong(
            "expected the master keys that this database's keys are wrapped with (ASHIATO_KEY_FILE), but the file "
            "holds others"
        )


@contextmanager
def _named(settings: Settings) -> Iterator[str]:
    dsn = settings.database_url or ""
    try:
        psycopg.connect(dsn, connect_timeout=CONNECT_WITHIN).close()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(_unreachable(dsn, str(error))) from None
    except psycopg.ProgrammingError:
        raise DatabaseUnreachable("expected DATABASE_URL to be a URL of PostgreSQL, but it cannot be read") from None
    yield dsn


def _unreachable(dsn: str, said: str) -> str:
    """Which database, and why; what the driver says is not repeated as it is."""
    parts = conninfo_to_dict(dsn)
    place = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    why = next((why for words, why in REASONS.items() if words in said), "it cannot be reached")
    return f"expected to connect to the database at {place} (DATABASE_URL), but {why}"


@contextmanager
def _running_or_own(settings: Settings) -> Iterator[str]:
    folder = _folder(settings)
    deadline = time.monotonic() + COMES_UP_WITHIN
    while True:
        dsn = dsn_of_running(folder)
        if dsn is not None:
            yield dsn
            return
        try:
            server = EmbeddedPostgres.start(folder, bin_dir=settings.pg_bin)
        except FolderInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_EVERY)  # its holder is starting it, or bringing it back
            continue
        with server:
            yield server.dsn
        return


@contextmanager
def _kept(settings: Settings) -> Iterator[str]:
    with (
        EmbeddedPostgres.start(_folder(settings), bin_dir=settings.pg_bin) as server,
        Keeper(server, lambda: os.kill(os.getpid(), signal.SIGTERM)) as keeper,
    ):
        try:
            yield server.dsn
        finally:
            if keeper.failure is not None:
                raise keeper.failure from None


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "postgres"
