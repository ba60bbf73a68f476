"""A rebuild that is killed, at whatever stage: readers are unharmed, what lies there is told, and another completes."""

import signal
import subprocess
import sys
from typing import Any

import pytest

from infra.read_store import stages
from infra.read_store.live import Live, connect
from infra.read_store.rebuild import rebuild
from infra.read_store.verify import verify
from projections.progress import progress
from services.cli_parts.rebuilding import line
from services.demo.generator import DemoCompany
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.read_store.killed import STAGES

CUT_SHORT = {"prepared", "replaying", "amid a part", "tallies", "indexes", "registering"}
REPLAYED = {"replayed", "catching up", "cutting over"}
ROWS = "SELECT count(*), sum(done), (SELECT sum(completed) FROM progress.run_week) FROM progress.run_progress"
BESIDE = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'progress\\_\\_%'"
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture
def dsn(module_database: str, company: DemoCompany) -> str:
    """A database that projectors have followed to the log's head, and nothing beside it."""
    with connect(module_database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS progress, progress__next, progress__old CASCADE")
        connection.execute("DELETE FROM projections")
    with Live(module_database, [progress]) as live:
        while live.step():
            pass
    return module_database


def asked(dsn: str, statement: str) -> list[Any]:
    with connect(dsn) as connection:
        return connection.execute(statement).fetchall()


def killed(dsn: str, stage: str) -> None:
    """Begin a rebuild and have it die; its helper and its connections end with it."""
    argv = [sys.executable, "-m", "tests.infra.read_store.killed", dsn, stage]
    ended = subprocess.run(argv, check=False, timeout=60, stderr=subprocess.DEVNULL)
    assert ended.returncode == -signal.SIGKILL
    wait_until(lambda: asked(dsn, OTHERS) == [(0,)])


def said(dsn: str) -> str:
    (standing,) = stages.status(dsn, [progress])
    return line(standing, at_work=stages.under_way(dsn))


@pytest.mark.parametrize("stage", STAGES)
def test_a_rebuild_that_was_killed_harms_nobody_and_another_completes(dsn: str, stage: str) -> None:
    before = asked(dsn, ROWS)
    killed(dsn, stage)
    assert asked(dsn, ROWS) == before
    told = said(dsn)
    assert ("was cut short" in told) == (stage in CUT_SHORT)
    assert ("next version" in told) == (stage in REPLAYED)
    assert ("kept version" in told) == (stage == "live")
    if stage in CUT_SHORT:
        stages.replay(dsn, [progress], workers=1)
    if stage in CUT_SHORT | REPLAYED:
        stages.go_live(dsn, [progress], keep=False)
    else:
        rebuild(dsn, [progress], workers=1)
    assert asked(dsn, BESIDE) == []
    assert asked(dsn, ROWS) == before
    assert verify(dsn, [progress], workers=1) == []
    assert asked(dsn, BESIDE) == []
