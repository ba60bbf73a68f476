"""Who writes and reads has the processor before a replay, in its processes and in the database's."""

import os
import platform
import sys
from pathlib import Path
from threading import get_native_id

import pytest

from infra.read_store import stages
from infra.read_store.giving_way import NICER, SLICE_NS
from infra.read_store.helping import Helpers
from infra.read_store.live import connect
from infra.read_store.parts import Task
from infra.read_store.replaying import Worker
from infra.read_store.side import aside
from projections.catalogue import PROJECTIONS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is known of priorities")

NOBODY = "00000000-0000-0000-0000-000000000000"
NOTHING = [Task(NOBODY, NOBODY, NOBODY, 0)] * 8


def niceness(process: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, process)


def niceness_of_session(process: int) -> int:
    """As it is where the system groups by sessions; elsewhere that of the process is all there is."""
    group = Path(f"/proc/{process}/autogroup")
    return int(group.read_text().rpartition(" ")[2]) if group.exists() else niceness(process)


def asks_for_longer_slices(process: int) -> bool:
    """Whether it does, as far as the kernel knows of that, and tells."""
    told = Path(f"/proc/{process}/sched")
    if not told.exists() or tuple(map(int, platform.release().split(".")[:2])) < (6, 12):
        return True
    (line,) = [line for line in told.read_text().splitlines() if line.startswith("se.slice")]
    return int(line.split()[-1]) == SLICE_NS


class Noting(Worker):
    """Notes the priority it works at."""

    def __init__(self) -> None:
        """It needs no connection."""
        self.noted: set[int] = set()

    def work(self, task: Task) -> int:
        """Nothing else."""
        self.noted.add(niceness(get_native_id()))
        return 0


def test_in_this_process_the_thread_that_replays_gives_way_and_no_other(database: str) -> None:
    before, own, none = niceness(get_native_id()), Noting(), Helpers(database, PROJECTIONS, 0)
    none.share(NOTHING, own, None, 0)
    assert own.noted == {min(before + NICER, 19)}
    assert niceness(get_native_id()) == before


def test_a_helper_gives_way_to_other_sessions_too(database: str) -> None:
    ours = niceness_of_session(os.getpid())
    stages.prepare(database, PROJECTIONS)
    helpers = Helpers(database, PROJECTIONS, 1)
    try:
        helpers.share(NOTHING, None, None, 0)
        (helper,) = helpers._processes
        assert niceness(helper.pid) == min(niceness(os.getpid()) + NICER, 19)
        assert niceness_of_session(helper.pid) == NICER
        assert asks_for_longer_slices(helper.pid)
    finally:
        helpers.stop()
    assert niceness_of_session(os.getpid()) == ours


def test_what_works_for_a_replay_in_the_database_gives_way_and_what_works_for_others_does_not(database: str) -> None:
    with aside(database) as replay, connect(database) as other:
        assert niceness(replay.info.backend_pid) == niceness_of_session(replay.info.backend_pid) == NICER
        assert asks_for_longer_slices(replay.info.backend_pid)
        assert niceness(other.info.backend_pid) == niceness_of_session(other.info.backend_pid) == 0
