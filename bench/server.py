"""The PostgreSQL server to measure on, a database of its own for every side, and the machine's line."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.harness import UnavailableError
from infra.embedded_postgres import EmbeddedPostgres

CONNECTIONS = 160
TABLES = """
    SELECT format('SELECT count(t::text) FROM %s t', c.oid::regclass) FROM pg_class c
    WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
"""
INDEXES = """
    SELECT format('SELECT count(*) FROM (SELECT FROM %s WHERE %s ORDER BY %s OFFSET 0) t', indrelid::regclass,
                  coalesce(pg_get_expr(indpred, indrelid), 'true'),
                  (SELECT string_agg(pg_get_indexdef(indexrelid, k, false), ', ' ORDER BY k)
                   FROM generate_series(1, indnkeyatts) k))
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
"""
BY_INDEX = ("enable_seqscan", "enable_bitmapscan", "enable_sort", "enable_incremental_sort")


@contextmanager
def postgres(dsn: str | None, *, shared_buffers: str | None = None) -> Iterator[str]:
    """A server with fsync on: the one named, else the program's embedded one with an empty folder."""
    with ExitStack() as stack:
        found = dsn or stack.enter_context(_embedded(shared_buffers))
        check(found)
        yield found


@contextmanager
def _embedded(shared_buffers: str | None) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="ashiato-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data", shared_buffers=shared_buffers)
        try:
            yield server.dsn
        finally:
            server.stop()
            # as root the data may lie elsewhere, where the account of the server can reach them
            shutil.rmtree(server.folder, ignore_errors=True)


def check(dsn: str) -> None:
    """Refuse a server whose commits are not durable: its figures would mean nothing."""
    with psycopg.connect(dsn) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if (found := show(connection, setting)) != "on":
                raise UnavailableError(f"expected {setting} = on, but the server has it {found}")
        if int(show(connection, "max_connections")) < CONNECTIONS:
            raise UnavailableError(
                f"expected max_connections of {CONNECTIONS} or more: 128 callers and pools"
            )


def show(connection: psycopg.Connection, setting: str) -> str:
    """One setting of the server."""
    row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
    return str(row[0]) if row else ""


def database(dsn: str, name: str) -> str:
    """A new, empty database `name` on the server; its DSN."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(dsn, dbname=name)


def settle(dsn: str) -> None:
    """Write out what seeding left behind, so that it is not paid for inside the clock."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def read_through(dsn: str) -> None:
    """Have every table and index in memory, as far as there is room: questions need no disk then."""
    with psycopg.connect(dsn) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            connection.execute(table)
        for setting in BY_INDEX:
            connection.execute(sql.SQL("SET LOCAL {} = off").format(sql.Identifier(setting)))
        for (index,) in connection.execute(INDEXES).fetchall():
            connection.execute(index)


def as_url(dsn: str) -> str:
    """The DSN as a URL, for clients that do not read libpq's keywords."""
    parts = conninfo_to_dict(dsn)
    who = quote(str(parts.get("user", "postgres")))
    word = f":{quote(str(parts['password']))}" if parts.get("password") else ""
    query = urlencode({"host": parts["host"]}) if str(parts.get("host", "")).startswith("/") else ""
    host = "localhost" if query else str(parts.get("host") or "localhost")
    place = f"{host}:{parts.get('port', 5432)}/{parts['dbname']}"
    return f"postgresql://{who}{word}@{place}" + (f"?{query}" if query else "")


def machine(dsn: str) -> str:
    """Cores, Python and PostgreSQL, for the table's heading."""
    with psycopg.connect(dsn) as connection:
        version = show(connection, "server_version").split()[0]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL {version}, fsync on"
