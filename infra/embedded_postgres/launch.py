"""Launch a server under its watchdog and wait until it answers."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from infra.embedded_postgres import watchdog
from infra.embedded_postgres.account import ENVIRONMENT
from infra.embedded_postgres.cluster import Cluster, Tuning, read_pid_file
from infra.embedded_postgres.errors import EmbeddedPostgresError

LOOK_EVERY_SECONDS = 0.02
READY_WITHIN_SECONDS = 120.0  # long enough for a recovery after a crash
STOP_WITHIN_SECONDS = watchdog.FAST_SHUTDOWN_SECONDS + 30.0

# What passes by itself: another program took the free port, or a killed server's sessions are still ending.
PASSING_TROUBLES = ("could not bind", "shared memory block")
ATTEMPTS = 60
BETWEEN_ATTEMPTS_SECONDS = 0.25


class _NotStarted(EmbeddedPostgresError):
    """The server ended before it was ready; the message is what it said."""


@dataclass(frozen=True)
class Launched:
    """A running server: its port, its process id, and the watchdog that is its parent."""

    port: int
    pid: int
    watchdog: subprocess.Popen[bytes]

    @property
    def is_running(self) -> bool:
        """Whether the server still runs."""
        return self.watchdog.poll() is None

    def end(self) -> None:
        """Shut down and wait for the end."""
        _end(self.watchdog)


def launch(cluster: Cluster, tuning: Tuning, lock: int, port: int | None = None) -> Launched:
    """Start the server on the port, by default on a free one; what passes by itself is tried again."""
    cluster.turn_log()
    _settle_earlier_server(cluster.data)
    for last in (*(False for _ in range(ATTEMPTS)), True):
        try:
            return _attempt(cluster, tuning, lock, port or _free_port())
        except _NotStarted as refusal:
            if last or not any(trouble in str(refusal) for trouble in PASSING_TROUBLES):
                raise
        time.sleep(BETWEEN_ATTEMPTS_SECONDS)
    raise AssertionError


def _attempt(cluster: Cluster, tuning: Tuning, lock: int, port: int) -> Launched:
    already_said = cluster.log.stat().st_size if cluster.log.exists() else 0
    process = _watchdog(cluster, tuning.throwaway, cluster.command(port, tuning), lock)
    try:
        pid = _first_line(process)
        _wait_until_ready(cluster.data, pid, process)
    except _NotStarted:
        _end(process)
        said = _said_since(cluster.log, already_said)
        raise _NotStarted(f"expected PostgreSQL to start in {cluster.data}, but it said: {said}") from None
    except BaseException:
        _end(process)
        raise
    return Launched(port, pid, process)


def _watchdog(cluster: Cluster, throwaway: bool, command: list[str], lock: int) -> subprocess.Popen[bytes]:
    account = (str(cluster.account.uid), str(cluster.account.gid))
    remove = str(cluster.folder) if throwaway else ""
    return subprocess.Popen(  # noqa: S603 - our own script and a list of arguments
        [sys.executable, "-I", "-S", watchdog.__file__, str(cluster.log), *account, remove, *command],
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(lock,),  # the folder stays locked until the server is gone
        start_new_session=True,  # Ctrl-C in a terminal is for the holder, which stops us in its own order
    )


def _first_line(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    with process.stdout as answer:
        line = answer.readline()
    if not line:
        raise _NotStarted
    return int(line)


def _wait_until_ready(data: Path, pid: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        found = read_pid_file(data)
        if found is not None and found.pid == pid and found.is_ready:
            return
        if process.poll() is not None:
            raise _NotStarted
        time.sleep(LOOK_EVERY_SECONDS)
    raise EmbeddedPostgresError(f"expected PostgreSQL to be ready, but {READY_WITHIN_SECONDS:g} s passed")


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
    process.stdin.close()
    try:
        process.wait(STOP_WITHIN_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise EmbeddedPostgresError("expected PostgreSQL to stop, but it still runs") from error


def _settle_earlier_server(data: Path) -> None:
    """Deal with the process that postmaster.pid names: we hold the lock, so no living holder wants it."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if _is_server_of(pid, data):
        os.kill(pid, signal.SIGINT)
        _wait_for_end(pid, data)
    elif _exists(pid):
        # The number went to another program: PostgreSQL would take that for a living server and refuse.
        (data / "postmaster.pid").unlink()


def _wait_for_end(pid: int, data: Path) -> None:
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    while _is_server_of(pid, data):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"expected the server {pid} of {data} to stop, but it still runs")
        time.sleep(LOOK_EVERY_SECONDS)


def _is_server_of(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(data) in command


def _exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _said_since(log: Path, offset: int) -> str:
    if not log.exists():
        return "nothing"
    with log.open("rb") as file:
        file.seek(offset)
        lines = file.read()[-2000:].decode(errors="replace").split("\n")
    return " | ".join(line.strip() for line in lines if line.strip()) or "nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
