"""Bring a database to this program's schema: numbered SQL files, each applied once, in order.

A file is named `NNNN_name.sql` and runs in one transaction, so it is applied as a whole or not at all. Its
SHA-256 is kept in `schema_migrations`: a released file never changes, a correction is a new file. A session's
advisory lock makes it safe that several processes start at once.

Roles belong to the server and what is granted on a database does not travel with it, so both are looked after at every
run (infra/roles.py). Once the log belongs to its owner's role, migrations run as that role: what they make is its own.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from infra.roles import ROLES, ensure_roles

RELEASED = Path(__file__).parent / "sql"

# The running program keeps its locks shortly; a migration that cannot have one soon must not queue everyone
# up behind it. A file that needs longer says so itself with SET LOCAL.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"
# How long to wait for another process that is migrating.
TURN_TIMEOUT = "30min"

# "Ashi" in ASCII: any number that nobody else uses for an advisory lock.
LOCK_KEY = 0x41736869

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


class MigrationError(RuntimeError):
    """The database and the migrations of this program do not fit together."""


@dataclass(frozen=True)
class Migration:
    """One SQL file."""

    number: int
    name: str
    text: bytes

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's bytes, hexadecimal."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def title(self) -> str:
        """The file's name without its ending."""
        return f"{self.number:04}_{self.name}"


@dataclass(frozen=True)
class Applied:
    """One row of `schema_migrations`."""

    number: int
    name: str
    checksum: str


def migrate(database: psycopg.Connection | str, folder: Path = RELEASED) -> list[str]:
    """Apply what is missing, return the titles of what was applied; `MigrationError` if the two do not fit.

    Raises RolesMissing when this user may not make the roles.

    A connection must be in autocommit mode; a DSN is connected to and closed.
    """
    migrations = read_migrations(folder)
    with _connection(database) as connection, _turn(connection):
        ensure_roles(connection)
        applied = _applied(connection)
        pending = plan(migrations, applied)
        for migration in pending:
            _apply(connection, migration)
    return [migration.title for migration in pending]


def read_migrations(folder: Path) -> list[Migration]:
    """The migrations of a folder in order; a wrong or repeated number is an error."""
    migrations = sorted((_read(path) for path in folder.glob("*.sql")), key=lambda found: found.number)
    for expected, found in enumerate(migrations, start=1):
        if found.number != expected:
            raise MigrationError(f"expected migration {expected:04} next, but found {found.title}")
    return migrations


def plan(migrations: Sequence[Migration], applied: Sequence[Applied]) -> list[Migration]:
    """What is still to apply, provided that what was applied is what we have."""
    for ours, theirs in zip(migrations, applied, strict=False):
        if (ours.number, ours.checksum) != (theirs.number, theirs.checksum):
            raise MigrationError(
                f"expected {ours.title} as it was applied, but the file has changed since (applied with "
                f"SHA-256 {theirs.checksum}, now {ours.checksum}); put it back and write a new migration"
            )
    if len(applied) > len(migrations):
        newest = applied[-1]
        raise MigrationError(
            f"expected a database of this version or older, but it has {newest.number:04}_{newest.name}, "
            "which this program does not know; start a newer program"
        )
    return list(migrations[len(applied) :])


def _read(path: Path) -> Migration:
    found = _NAME.fullmatch(path.name)
    if found is None:
        raise MigrationError(f"expected a name like 0001_log.sql, but found {path.name}")
    return Migration(int(found[1]), found[2], path.read_bytes())


@contextmanager
def _connection(database: psycopg.Connection | str) -> Iterator[psycopg.Connection]:
    if isinstance(database, str):
        with psycopg.connect(database, autocommit=True, application_name="ashiato migrate") as connection:
            yield connection
        return
    if not database.autocommit:
        raise MigrationError("expected a connection in autocommit mode, but it opens transactions by itself")
    yield database


@contextmanager
def _turn(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [TURN_TIMEOUT])
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    finally:
        connection.execute("RESET lock_timeout")
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def _applied(connection: psycopg.Connection) -> list[Applied]:
    connection.execute(
        """
        CREATE TABLE IF NOT EXISTS public.schema_migrations (
            number     integer     PRIMARY KEY,
            name       text        NOT NULL,
            checksum   text        NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    rows = connection.execute("SELECT number, name, checksum FROM public.schema_migrations ORDER BY number")
    return [Applied(*row) for row in rows]


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            _run(connection, migration)
    except psycopg.Error as error:
        raise MigrationError(f"expected {migration.title} to apply, but: {error}") from error


def _run(connection: psycopg.Connection, migration: Migration) -> None:
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    connection.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
    if _is_owned(connection):
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(ROLES.owner)))
    connection.execute(migration.text)
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        raise MigrationError(f"expected {migration.title} to leave its transaction open, but it ended it")
    connection.execute("SET LOCAL ROLE NONE")
    connection.execute(
        "INSERT INTO public.schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
        [migration.number, migration.name, migration.checksum],
    )


def _is_owned(connection: psycopg.Connection) -> bool:
    owner = "SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass('public.events')"
    return connection.execute(owner).fetchone() == (ROLES.owner,)
