"""The embedded server starts, keeps what was committed, and refuses company."""

import os
import stat
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, FolderInUse, dsn_of_running
from tests.infra.embedded_postgres.servers import Start, ask, keep_seven


def test_a_started_server_answers(new_folder: Path) -> None:
    with EmbeddedPostgres.start(new_folder) as server:
        assert ask(server, "SELECT 1 + 1") == 2


def test_a_temporary_server_takes_its_data_along() -> None:
    with EmbeddedPostgres.temporary() as server:
        assert ask(server, "SHOW fsync") == "off"
        assert server.folder.exists()
    assert not server.folder.exists()


def test_the_server_speaks_utc_and_orders_by_code_point(start: Start) -> None:
    server = start()
    assert ask(server, "SHOW timezone") == "UTC"
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SELECT 'Z' < 'a' AND 'z' < 'é'") is True


def test_the_server_listens_on_loopback_only(start: Start) -> None:
    server = start()
    assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(server, "SHOW unix_socket_directories") == ""


def test_a_wrong_password_is_refused(start: Start) -> None:
    server = start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn, password="guess")


def test_nobody_else_may_read_the_password_or_the_data(start: Start) -> None:
    server = start()
    secret = (server.folder / "password", server.folder / "postgres.log", server.cluster.data)
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in secret)
    assert stat.S_IMODE(server.folder.stat().st_mode) & 0o066 == 0


def test_it_is_durable_unless_told_otherwise(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW shared_buffers") == "256MB"


def test_what_was_committed_is_there_after_a_restart(start: Start) -> None:
    with start() as server:
        keep_seven(server)
    assert ask(start(), "SELECT seven FROM kept") == 7


def test_stopping_ends_the_server_and_can_be_repeated(start: Start) -> None:
    server = start()
    process = psutil.Process(server.pid)
    server.stop()
    server.stop()
    assert not server.is_running
    assert not process.is_running()


def test_a_folder_in_use_is_refused_and_says_by_whom(start: Start) -> None:
    start()
    with pytest.raises(FolderInUse, match=f"process {os.getpid()} runs its PostgreSQL"):
        start()


def test_another_process_can_ask_for_the_running_server(folder: Path, start: Start) -> None:
    assert dsn_of_running(folder) is None
    with start() as server:
        assert dsn_of_running(folder) == server.dsn
    assert dsn_of_running(folder) is None


def test_what_the_server_says_when_it_cannot_start_is_told(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match='unrecognized configuration parameter "no_such"'):
        EmbeddedPostgres.start(folder, settings={"no_such": "1"})
