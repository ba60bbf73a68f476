"""What the tests do with servers."""

import time
from collections.abc import Callable

import psycopg

from infra.embedded_postgres import EmbeddedPostgres

Start = Callable[[], EmbeddedPostgres]

PATIENCE_SECONDS = 60.0


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def keep_seven(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
