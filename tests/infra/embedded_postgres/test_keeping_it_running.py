"""A server that ends by itself comes back where it was, or its holder is told that it does not."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest
from structlog.testing import capture_logs

from infra.embedded_postgres import EmbeddedPostgres, Keeper, dsn_of_running, keeper
from tests.infra.embedded_postgres.servers import PATIENCE_SECONDS, ask, keep_seven, wait_until


def kill(server: EmbeddedPostgres) -> None:
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.is_running)


def answers(server: EmbeddedPostgres) -> bool:
    try:
        return ask(server, "SELECT seven FROM kept") == 7
    except psycopg.OperationalError:
        return False


@contextmanager
def kept(folder: Path, lost: Event) -> Iterator[tuple[EmbeddedPostgres, Keeper]]:
    with EmbeddedPostgres.start(folder) as server, Keeper(server, lost.set) as looks_after:
        keep_seven(server)
        yield server, looks_after


def test_a_killed_server_comes_back_where_it_was_with_what_was_committed(folder: Path) -> None:
    with capture_logs() as logged, kept(folder, Event()) as (server, _):
        dsn, pid = server.dsn, server.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: server.pid != pid and answers(server))
        assert (server.dsn, dsn_of_running(folder)) == (dsn, dsn)
    assert [line["event"] for line in logged] == [
        "PostgreSQL ended by itself; starting it again",
        "PostgreSQL runs again",
    ]


def test_a_server_that_cannot_come_back_is_reported_lost(
    new_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "PAUSES_SECONDS", (0.0, 0.1))
    lost = Event()
    with kept(new_folder, lost) as (server, looks_after):
        shutil.rmtree(server.cluster.data / "global")
        os.kill(server.pid, signal.SIGKILL)
        assert lost.wait(PATIENCE_SECONDS)
    assert "expected PostgreSQL to come back, but it does not start" in str(looks_after.failure)


def test_a_server_that_ends_again_and_again_is_reported_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "MOST_ENDS", 0)
    lost = Event()
    with kept(folder, lost) as (server, looks_after):
        os.kill(server.pid, signal.SIGKILL)
        assert lost.wait(PATIENCE_SECONDS)
    assert "but it ended 1 times" in str(looks_after.failure)


def test_a_server_that_was_stopped_is_not_started_again(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        server.stop()
        server.start_again()
        assert not server.is_running


def test_a_killed_server_is_not_taken_for_a_running_one(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        kill(server)
        assert dsn_of_running(folder) is None
