"""The server never outlives its holder, and what was committed outlives both."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.embedded_postgres import EmbeddedPostgres
from tests.infra.embedded_postgres.servers import PATIENCE_SECONDS, Start, ask, keep_seven, wait_until

CODE = Path(__file__).parents[3]

# Starts a server, says its process id and its watchdog's, then waits to be ended.
HOLDER = """
import sys, time
from pathlib import Path
from infra.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres.start(Path(sys.argv[1]), durable=False)
print(server.pid, server._launched.watchdog.pid, flush=True)
time.sleep(600)
"""

Held = tuple[subprocess.Popen[str], psutil.Process, psutil.Process]


@pytest.fixture
def holder(folder: Path) -> Iterator[Held]:
    """Another process that holds a server, the server, and the watchdog."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CODE) as process:
        assert process.stdout is not None
        server, watchdog = (psutil.Process(int(pid)) for pid in process.stdout.readline().split())
        yield process, server, watchdog
        process.kill()
        server.wait(PATIENCE_SECONDS)


def test_a_temporary_servers_data_go_even_when_its_holder_is_killed() -> None:
    code = HOLDER.replace("start(Path(sys.argv[1]), durable=False)", "temporary()")
    code = code.replace("server._launched.watchdog.pid", "server.folder")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=CODE
    ) as process:
        assert process.stdout is not None
        _, data = process.stdout.readline().split()
        assert Path(data).exists()
        process.kill()
    wait_until(lambda: not Path(data).exists())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_holder_that_is_ended_leaves_no_server(holder: Held, number: signal.Signals) -> None:
    process, server, watchdog = holder
    process.send_signal(number)
    server.wait(PATIENCE_SECONDS)
    watchdog.wait(PATIENCE_SECONDS)


@pytest.mark.skipif(sys.platform != "linux", reason="the second net is Linux's parent-death signal")
def test_a_killed_watchdog_leaves_no_server(
    holder: Held,
) -> None:
    _, server, watchdog = holder
    watchdog.kill()
    server.wait(PATIENCE_SECONDS)


def test_the_folder_of_a_killed_holder_can_be_started_at_once(
    holder: Held,
    start: Start,
) -> None:
    process, _, _ = holder
    process.kill()
    process.wait()
    assert ask(start(), "SELECT 1") == 1


def test_a_killed_server_recovers_at_the_next_start(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        keep_seven(server)
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running)
    with EmbeddedPostgres.start(folder) as again:
        assert ask(again, "SELECT seven FROM kept") == 7


def test_a_session_that_outlives_a_killed_server_is_waited_for(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server, psycopg.connect(server.dsn) as connection:
        session = psutil.Process(connection.info.backend_pid)
        session.suspend()
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running)
        connection.close()
    with ThreadPoolExecutor(1) as thread:
        starting = thread.submit(EmbeddedPostgres.start, folder)
        wait_until(lambda: "shared memory block" in (server.folder / "postgres.log").read_text())
        session.resume()
        with starting.result() as again:
            assert ask(again, "SELECT 1") == 1


def test_a_stale_pid_file_that_names_another_program_is_no_obstacle(
    start: Start,
) -> None:
    with start() as server:
        kept = (server.cluster.data / "postmaster.pid").read_text()
    _, _, rest = kept.partition("\n")
    (server.cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")
    assert ask(start(), "SELECT 1") == 1


def test_a_start_that_was_cut_off_is_made_anew(new_folder: Path) -> None:
    (new_folder / "data-in-the-making").mkdir(parents=True)
    (new_folder / "data-in-the-making" / "half").touch()
    with EmbeddedPostgres.start(new_folder, durable=False) as server:
        assert ask(server, "SELECT 1") == 1
    assert not (new_folder / "data-in-the-making").exists()
