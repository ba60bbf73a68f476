"""A program on our own PostgreSQL: looked after while it runs, recovering from a crash, ending in good order."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from infra.embedded_postgres import dsn_of_running
from infra.embedded_postgres.cluster import read_pid_file
from tests.services.commanding import PATIENCE_SECONDS, Running, ashiato, data_folder

SIGN_UP = {"company": "テスト株式会社", "owner": {"name": "愛子", "email": "aiko@test.example"}}


@dataclass(frozen=True)
class Program:
    """`ashiato serve`, and where it is."""

    running: Running
    folder: Path
    address: str

    def asked(self, *arguments: str) -> str:
        """What another command says, which must go well."""
        ended = ashiato(*arguments, ASHIATO_DATA_DIR=str(self.folder), ASHIATO_PORT=self.address.rpartition(":")[2])
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def postgres(self) -> int:
        """The process id of its database."""
        dsn = dsn_of_running(self.folder / "postgres")
        assert dsn is not None
        [data] = (self.folder / "postgres").glob("data-*")
        found = read_pid_file(data)
        assert found is not None
        return found.pid

    def until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while httpx2.get(f"{self.address}/readyz", timeout=5).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@contextmanager
def serving() -> Iterator[Program]:
    """A program of its own on a database of its own."""
    with data_folder() as folder, Running("serve", ASHIATO_DATA_DIR=str(folder), ASHIATO_PORT="0") as running:
        found = re.search(r"http://[\d.]+:\d+", running.until("listens on"))
        assert found is not None
        yield Program(running, folder, found[0])


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """A program that the tests share, with a company."""
    with serving() as started:
        started.until_ready()
        assert httpx2.post(f"{started.address}/v1/tenants", json=SIGN_UP).status_code == 201
        yield started


@pytest.fixture
def shown(program: Program) -> Program:
    """The program, its read models up to date."""
    assert program.running.process.poll() is None, "an earlier test ended it"
    program.until_ready()
    lag = {"": 1}
    while any(lag.values()):
        lag = httpx2.get(f"{program.address}/readyz", timeout=5).json()["lag"]
    return program


@pytest.mark.parametrize("command", ["migrate", "rebuild", "verify-projections"])
def test_it_can_be_looked_after_while_it_runs(shown: Program, command: str) -> None:
    shown.asked(command)


def test_it_does_what_time_brings(shown: Program) -> None:
    deadlines = httpx2.get(f"{shown.address}/readyz", timeout=5).json()["deadlines"]
    assert deadlines["due"] == 0
    assert deadlines["idle_seconds"] is not None


def test_a_subscription_lapses_while_it_runs(shown: Program) -> None:
    body = {"company": "滞納株式会社", "owner": {"name": "愛子", "email": "aiko@late.example"}}
    made = httpx2.post(f"{shown.address}/v1/tenants", json=body).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    chosen = httpx2.put(f"{shown.address}/v1/plan", json={"plan": "lite"}, headers=headers).json()
    httpx2.get(f"{shown.address}/v1/plan?wait_for={chosen['seq']}", headers=headers).raise_for_status()
    assert "read-only now" in shown.asked("plan", "lapse", "滞納株式会社", "--reason", "未入金")
    assert "already" in shown.asked("plan", "lapse", made["tenant"], "--reason", "未入金")
    refused = httpx2.put(f"{shown.address}/v1/departments/hr", json={"title": "人事"}, headers=headers).json()
    assert refused["because"] == "lapsed"


def test_the_doctor_may_call_while_it_runs(shown: Program) -> None:
    assert "BAD" not in shown.asked("doctor")


def test_a_link_made_by_another_process_opens_its_console(shown: Program) -> None:
    said = shown.asked("link", "--tenant", SIGN_UP["company"], "--member", "aiko@test.example")  # type: ignore[arg-type]
    assert said.startswith("テスト株式会社  愛子  http://127.0.0.1:")
    with httpx2.Client() as browser:
        assert browser.get(said.split()[-1]).status_code == 200
        assert browser.get(f"{shown.address}/console/").status_code == 200
        assert browser.get(said.split()[-1]).status_code == 401


def test_a_killed_database_comes_back_and_nothing_acknowledged_is_lost(shown: Program) -> None:
    before = shown.postgres()
    os.kill(before, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(before)] if psutil.pid_exists(before) else [], timeout=PATIENCE_SECONDS)
    answer = httpx2.post(f"{shown.address}/v1/tenants", json=SIGN_UP, timeout=60)
    assert answer.status_code == 201
    shown.until_ready()
    assert shown.postgres() != before
    assert shown.asked("link").count("テスト株式会社") == 2


def test_an_upgrade_request_is_answered_without_advice_in_the_log(shown: Program) -> None:
    headers = {"connection": "upgrade", "upgrade": "websocket"}
    assert httpx2.get(f"{shown.address}/healthz", headers=headers).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    with serving() as ending:
        ending.running.process.send_signal(number)
        assert ending.running.rest() == "stopped\n"
        assert ending.running.process.wait(PATIENCE_SECONDS) == 0
        assert dsn_of_running(ending.folder / "postgres") is None


def test_a_projector_alone_ends_in_good_order(database: str) -> None:
    with Running("project", DATABASE_URL=database) as running:
        running.until("following the log")
        running.process.send_signal(signal.SIGTERM)
        assert (running.rest(), running.process.wait(PATIENCE_SECONDS)) == ("stopped\n", 0)


def test_a_database_that_does_not_come_back_ends_the_program() -> None:
    with serving() as losing:
        [control] = (losing.folder / "postgres").glob("data-*/global/pg_control")
        control.rename(losing.folder / "pg_control")
        os.kill(losing.postgres(), signal.SIGKILL)
        said = losing.running.rest().splitlines()
        assert losing.running.process.wait(PATIENCE_SECONDS) == 2
    assert said[-1].startswith("expected PostgreSQL to come back, but it does not start")
    assert all(json.loads(line) for line in said[:-1])
