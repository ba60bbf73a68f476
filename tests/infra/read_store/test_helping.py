"""Processes that help a rebuild: they do their part, and when one ends or fails nothing half-done goes live."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_native_id

import pytest

from infra.read_store import helping
from infra.read_store.helping import NICER, HelperFailed, Helpers
from infra.read_store.live import Live, connect
from infra.read_store.parts import Task
from infra.read_store.rebuild import rebuild
from infra.read_store.replaying import Worker
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from services.demo.generator import DemoCompany
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests

NOBODY = "00000000-0000-0000-0000-000000000000"


class Idle(Worker):
    """Does nothing of its own: whatever is done, a helper did."""

    def __init__(self) -> None:
        """It needs no connection."""

    def work(self, task: Task) -> int:
        """Nothing."""
        return 0


@contextmanager
def helpers(dsn: str, count: int) -> Iterator[Helpers]:
    made = Helpers(dsn, PROJECTIONS, count)
    try:
        yield made
    finally:
        made.stop()


def follow(dsn: str) -> None:
    with Live(dsn, PROJECTIONS) as live:
        while live.step():
            pass


def positions(dsn: str) -> list[tuple[str, int, int, int]]:
    with connect(dsn) as connection:
        return connection.execute("SELECT name, version, position, epoch FROM projections ORDER BY name").fetchall()


def nothing() -> list[Task]:
    """Tasks without streams: what helpers answer is 0."""
    return [Task(NOBODY, NOBODY, NOBODY, 0)] * 8


def test_every_task_is_done_once_and_told(module_database: str, company: DemoCompany) -> None:  # noqa: F811
    told: list[tuple[int, int]] = []
    follow(module_database)
    assert verify(module_database, PROJECTIONS, 3, lambda done, total: told.append((done, total))) == []
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1] > 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")
def test_a_replay_gives_way_and_the_program_that_asks_for_it_does_not(database: str) -> None:
    class Noting(Idle):
        def work(self, task: Task) -> int:
            priorities.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))
            return 0

    priorities: list[int] = []
    before = os.getpriority(os.PRIO_PROCESS, get_native_id())
    with helpers(database, 0) as made:
        made.share(nothing(), Noting(), None, 0)
    assert set(priorities) == {min(before + NICER, 19)}
    assert os.getpriority(os.PRIO_PROCESS, get_native_id()) == before


def test_a_helper_that_was_killed_is_noticed(database: str) -> None:
    with Live(database, PROJECTIONS), helpers(database, 1) as made:
        os.kill(made._processes[0].pid, signal.SIGKILL)
        made._processes[0].wait()
        with pytest.raises(HelperFailed, match="it ended"):
            made.share(nothing(), Idle(), None, 0)


def test_what_the_database_refuses_a_helper_is_told_without_its_values(database: str) -> None:
    with Live(database, PROJECTIONS), helpers(database, 1) as made:
        broken = [Task("no id", "", "", 0)] * 8
        with pytest.raises(HelperFailed, match=r"InvalidTextRepresentation \(SQLSTATE 22P02\)$"):
            made.share(broken, Idle(), None, 0)


def test_a_rebuild_whose_helper_fails_leaves_the_live_tables_alone(
    module_database: str, company: DemoCompany, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    follow(module_database)
    before = positions(module_database)
    monkeypatch.setattr(helping, "PROGRAM", (*helping.PROGRAM[:1], "-c", "raise SystemExit(3)"))
    with pytest.raises(HelperFailed):
        rebuild(module_database, PROJECTIONS, workers=2)
    assert positions(module_database) == before
    monkeypatch.undo()
    assert verify(module_database, PROJECTIONS) == []
