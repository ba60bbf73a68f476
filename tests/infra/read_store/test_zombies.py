"""A projector that is stopped, loses its lead and wakes up writes nothing any more; the conditions see to that."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from infra.read_store import parking, places
from infra.read_store.live import Fenced, Live, connect
from infra.read_store.verify import verify
from projections.progress import progress
from services.demo.generator import DemoCompany
from tests.infra.read_store.poison import parked, poisoned, streams
from tests.infra.read_store.zombie import BATCH, CUT_OFF, FENCED
from tests.projections.census import census

WITHOUT_POSITION = places.MOVE.replace(" AND p.position = m.stored", "")
WITHOUT_EPOCH = places.MOVE.replace(" AND p.epoch = m.epoch", "")
WITHOUT_EITHER = WITHOUT_EPOCH.replace(" AND p.position = m.stored", "")


@pytest.fixture(autouse=True)
def _empty_read_side(module_database: str, company: DemoCompany) -> None:
    with connect(module_database) as connection:
        for name in ("census", "progress"):
            connection.execute(f"DROP SCHEMA IF EXISTS {name}, {name}__next CASCADE")
        connection.execute("DELETE FROM projections")
        connection.execute("DELETE FROM parked_streams")


@contextmanager
def stopped(dsn: str, place: str, *move: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A projector that was stopped in the middle of its work."""
    argv = [sys.executable, "-m", "tests.infra.read_store.zombie", dsn, place, *move]
    with subprocess.Popen(argv) as process:
        try:
            found = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            assert found
            assert found.si_code == os.CLD_STOPPED
            yield process
        finally:
            process.kill()


def wakes(process: "subprocess.Popen[bytes]") -> int:
    """Its exit status, once it was let go on."""
    process.send_signal(signal.SIGCONT)
    return process.wait(timeout=60)


def take_over(dsn: str) -> None:
    with Live(dsn, [census], batch=10 * BATCH) as newer:
        while newer.step():
            pass


@pytest.mark.parametrize(
    "move",
    [(), (WITHOUT_POSITION,), (WITHOUT_EPOCH,)],
    ids=["both conditions", "the epoch alone", "the position alone"],
)
def test_a_zombie_is_fenced_off_by_either_condition(module_database: str, move: Sequence[str]) -> None:
    with stopped(module_database, "between", *move) as process:
        take_over(module_database)
        assert wakes(process) == FENCED
    assert verify(module_database, [census], workers=1) == []


def test_without_either_condition_a_zombie_counts_twice(module_database: str) -> None:
    with stopped(module_database, "between", WITHOUT_EITHER) as process:
        take_over(module_database)
        assert wakes(process) == 0
    assert verify(module_database, [census], workers=1) != []


def test_a_zombie_in_the_middle_of_a_transaction_holds_nobody_up(module_database: str) -> None:
    with stopped(module_database, "within") as process:
        take_over(module_database)
        assert wakes(process) == CUT_OFF
    assert verify(module_database, [census], workers=1) == []


@pytest.mark.parametrize("with_epoch", [True, False], ids=["with the epoch", "without the epoch"])
def test_a_retry_is_fenced_by_the_epoch_alone_for_no_position_moves(
    module_database: str, monkeypatch: pytest.MonkeyPatch, *, with_epoch: bool
) -> None:
    one = streams(module_database, progress)[0]
    with Live(module_database, [progress]) as older:
        with poisoned(progress, {one.positions[3]}):
            while older.step():
                pass
        waiting = parking.waiting

        def overtaken(connection: Any, name: str) -> Any:
            """Between the look at who waits and the retry another leads, and has retried."""
            found = waiting(connection, name)
            monkeypatch.setattr(parking, "waiting", waiting)
            with Live(module_database, [progress]):
                assert parked(module_database, progress) == []
            return found

        monkeypatch.setattr(parking, "waiting", overtaken)
        if with_epoch:
            with pytest.raises(Fenced):
                older.retry()
        else:
            hold = places.HOLD.replace(" AND epoch = %s", " AND %s IS NOT NULL")
            monkeypatch.setattr(places, "HOLD", hold)
            older.retry()
    same = verify(module_database, [progress], workers=1) == []
    assert same == with_epoch
