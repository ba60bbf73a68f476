"""Whoever reads the log by position while processes write sees every position once, in order."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from tests.infra.event_store import writing_process

NEWS = "SELECT position FROM events WHERE position > %s ORDER BY position LIMIT 500"


@contextmanager
def writer(how: str, dsn: str, seed: int, batches: int = 120) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, ended with the test."""
    command = [sys.executable, "-m", writing_process.__name__, how, dsn, str(seed), str(batches)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_while(dsn: str, busy: Callable[[], bool]) -> list[int]:
    """The positions in the order in which a reader that always asks for more got them."""
    seen: list[int] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            last_look = not busy()
            news = connection.execute(NEWS, (seen[-1] if seen else 0,)).fetchall()
            seen += [row[0] for row in news]
            if last_look and not news:
                return seen


def held(dsn: str) -> list[int]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT position FROM events ORDER BY position")]


def test_while_processes_write_batches_of_mixed_sizes(database: str) -> None:
    with writer("append", database, 1) as one, writer("append", database, 2) as two:
        seen = read_while(database, lambda: one.poll() is None or two.poll() is None)
        assert (one.returncode, two.returncode) == (0, 0)
    assert len(seen) > 1_000
    assert seen == list(range(1, len(seen) + 1)) == held(database)


def test_while_the_librarys_recorder_writes_beside_us(database: str) -> None:
    with writer("append", database, 3) as ours, writer("recorder", database, 4) as theirs:
        seen = read_while(database, lambda: ours.poll() is None or theirs.poll() is None)
        assert (ours.returncode, theirs.returncode) == (0, 0)
    assert len(seen) > 1_000
    assert seen == list(range(1, len(seen) + 1)) == held(database)


def test_when_a_writer_is_killed_in_mid_batch(database: str) -> None:
    with writer("append", database, 5) as lives, writer("crash", database, 6, batches=20) as dies:
        assert dies.stdout is not None
        assert dies.stdout.readline() == "in mid-batch\n"
        dies.kill()
        seen = read_while(database, lambda: lives.poll() is None)
        assert lives.returncode == 0
    assert seen == list(range(1, len(seen) + 1)) == held(database)
