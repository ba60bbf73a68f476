"""What an event weighs: the log, its indexes, the ledger of commands, each read model, and the write-ahead log."""

import asyncio

import psycopg

from bench.harness import Figures
from bench.server import database, settle
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from services.database import prepare
from services.demo.command import run_demo

EVENTS = 30_000
SEED = 1

LSN = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
COUNTS = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM commands)"
SIZES = """
    SELECT n.nspname, c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = ANY(%s)
"""
LOG = ("events", "commands")


class Size:
    """A database that demo companies lived in: everything about it is counted, nothing depends on the clock."""

    def __init__(self, dsn: str) -> None:
        """The log, made by commands, and then its read models."""
        self._dsn = database(dsn, "bench_size")
        prepare(self._dsn)
        before = self._number(LSN)
        asyncio.run(run_demo(self._dsn, SEED, events=EVENTS, bar=False))
        between = self._number(LSN)
        with Live(self._dsn, PROJECTIONS) as live:
            while live.step():
                pass
        self._wal = between - before, self._number(LSN) - between
        settle(self._dsn)

    def measure(self, seconds: float) -> Figures:
        """Bytes an event, and events a command."""
        with psycopg.connect(self._dsn) as connection:
            events, commands = connection.execute(COUNTS).fetchone() or (0, 0)
            schemas = ["public", *(projection.name for projection in PROJECTIONS)]
            sizes = connection.execute(SIZES, (schemas,)).fetchall()
        public = {table: (own, indexes) for schema, table, own, indexes in sizes if schema == "public"}
        read = sum(own + indexes for schema, _, own, indexes in sizes if schema != "public")
        return {
            "events_a_command": events / commands,
            "log": public["events"][0] / events,
            "log_indexes": public["events"][1] / events,
            "ledger": sum(public["commands"]) / events,
            "read_models": read / events,
            "wal_append": self._wal[0] / events,
            "wal_project": self._wal[1] / events,
        }

    def close(self) -> None:
        """The database goes with the server."""

    def _number(self, question: str) -> int:
        with psycopg.connect(self._dsn) as connection:
            row = connection.execute(question.encode()).fetchone()
        return int(row[0]) if row else 0
