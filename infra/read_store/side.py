"""Tables beside the live ones, filled before they have indexes: many times faster than the other way round."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from psycopg import Connection

from infra.read_store.giving_way import server_gives_way
from infra.read_store.live import connect

KEYS = """
    SELECT format('ALTER TABLE %%I.%%I DROP CONSTRAINT %%I', n.nspname, t.relname, c.conname),
           format('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I %%s USING INDEX %%I', n.nspname, t.relname, c.conname,
                  CASE c.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, c.conname)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = ANY (%s) AND c.contype IN ('p', 'u')
"""
INDEXES = """
    SELECT format('DROP INDEX %%I.%%I', schemaname, indexname), format('%%I.%%I', schemaname, tablename), indexdef
    FROM pg_indexes WHERE schemaname = ANY (%s)
"""
# JSON is left to autovacuum's own look, a minute later: nobody asks for rows by it, and comparing it takes longer than
# everything else in the table.
ANALYZE = """
    SELECT format('%%I.%%I', n.nspname, t.relname),
           format('ANALYZE %%I.%%I (%%s)', n.nspname, t.relname, string_agg(quote_ident(a.attname), ', '))
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid
    WHERE n.nspname = ANY (%s) AND t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND a.atttypid <> 'jsonb'::regtype
    GROUP BY n.nspname, t.relname
"""
SIZE = "SELECT pg_relation_size(%s)"

Statements = tuple[tuple[str, str], ...]
"""The name of a table, and what is to be done to it."""


@dataclass(frozen=True)
class Indexes:
    """Statements that make what was taken away, and tell the planner what the tables hold by then."""

    indexes: Statements
    keys: tuple[str, ...]
    analyze: Statements

    def put_back(self, dsn: str, at_once: int, *, gives_way: bool = True) -> None:
        """Make them again, so many at once."""
        with ExitStack() as stack:
            connections = [stack.enter_context(aside(dsn, gives_way=gives_way)) for _ in range(at_once)]
            sizes = {table: _size(connections[0], table) for table, _ in self.analyze}
            _side_by_side(connections, _largest_first(self.indexes, sizes))
            for statement in self.keys:
                connections[0].execute(statement)
            _side_by_side(connections, _largest_first(self.analyze, sizes))


def take_indexes(connection: Connection[Any], schemas: Sequence[str]) -> Indexes:
    """Drop every key and index of some schemas, remembering them."""
    names = [list(schemas)]
    indexes = connection.execute(INDEXES, names).fetchall()
    keys = connection.execute(KEYS, names).fetchall()
    for drop, _ in keys:
        connection.execute(drop)
    for drop, _, _ in connection.execute(INDEXES, names).fetchall():
        connection.execute(drop)
    analyze = connection.execute(ANALYZE, names).fetchall()
    return Indexes(
        tuple((table, make) for _, table, make in indexes), tuple(make for _, make in keys), tuple(analyze)
    )


def aside(dsn: str, *, gives_way: bool = True) -> Connection[Any]:
    """A connection for tables that are not live yet.

    Its commits do not wait for the disk. The one that brings the tables live does, and the write-ahead log has it
    behind all of them. What works for it there gives way to what works for others, unless somebody waits for it.
    """
    connection = connect(dsn)
    if gives_way:
        server_gives_way(connection)
    connection.execute("SET synchronous_commit = off")
    # A first look at tables just filled: a fifth of the usual sample, until autovacuum takes its own a minute later.
    connection.execute("SET default_statistics_target = 20")
    return connection


def _side_by_side(connections: Sequence[Connection[Any]], statements: Sequence[str]) -> None:
    """Carry out statements, as many at a time as there are connections."""
    free: SimpleQueue[Connection[Any]] = SimpleQueue()
    for connection in connections:
        free.put(connection)

    def carry_out(statement: str) -> None:
        connection = free.get()
        try:
            connection.execute(statement)
        finally:
            free.put(connection)

    with ThreadPoolExecutor(len(connections)) as threads:
        for done in [threads.submit(carry_out, statement) for statement in statements]:
            done.result()


def _largest_first(statements: Statements, sizes: dict[str, int]) -> list[str]:
    return [what for table, what in sorted(statements, key=lambda one: sizes[one[0]], reverse=True)]


def _size(connection: Connection[Any], table: str) -> int:
    row = connection.execute(SIZE, (table,)).fetchone()
    return int(row[0]) if row else 0
