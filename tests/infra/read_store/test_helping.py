"""Processes that help a rebuild: they do their part, and when one ends or fails nothing half-done goes live."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.read_store import helping
from infra.read_store.helping import HelperFailed, Helpers
from infra.read_store.live import Live, connect
from infra.read_store.parts import Task
from infra.read_store.rebuild import rebuild
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from services.demo.generator import DemoCompany
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests

NOBODY = "00000000-0000-0000-0000-000000000000"


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


def test_a_helper_that_was_killed_is_noticed(database: str) -> None:
    with Live(database, PROJECTIONS), helpers(database, 1) as made:
        os.kill(made._processes[0].pid, signal.SIGKILL)
        made._processes[0].wait()
        with pytest.raises(HelperFailed, match="it ended"):
            made.share(nothing(), None, None, 0)


def test_what_the_database_refuses_a_helper_is_told_without_its_values(database: str) -> None:
    with Live(database, PROJECTIONS), helpers(database, 1) as made:
        broken = [Task("no id", "", "", 0)] * 8
        with pytest.raises(HelperFailed, match=r"InvalidTextRepresentation \(SQLSTATE 22P02\)$"):
            made.share(broken, None, None, 0)


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
