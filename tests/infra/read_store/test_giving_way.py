"""Who writes and reads has the processor before a replay, in its processes and in the database's."""

import os
import platform
import subprocess
import sys
from contextlib import suppress
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
    """As it is where the system groups by sessions; of one that is in no group its own is all there is.

    A process of which no ancestor since the start of the machine began a session is in none: its file is empty.
    """
    with suppress(FileNotFoundError):
        group = Path(f"/proc/{process}/autogroup").read_text()
        if group:
            return int(group.rpartition(" ")[2])
    return niceness(process)


def asks_for_longer_slices(process: int) -> bool:
    """Whether it does, as far as the kernel knows of that, and tells."""
    told = Path(f"/proc/{process}/sched")
    if not told.exists() or tuple(map(int, platform.release().split(".")[:2])) < (6, 12):
        return True
    (line,) = [line for line in told.read_text().splitlines() if line.startswith("se.slice")]
    return int(line.split()[-1]) == SLICE_NS


# The kernel lets who may not administer it lower one session in a tenth of a second.
WITHOUT_PRIVILEGES = """
CAP_SYS_ADMIN = 21
import ctypes, subprocess
from tests.infra.read_store.test_giving_way import niceness_of_session
from infra.read_store.giving_way import process_gives_way

header, held, kernel = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(), ctypes.CDLL(None)
assert kernel.capget(header, held) == 0
for n in (0, 1):
    held[n] &= ~(1 << CAP_SYS_ADMIN)
assert kernel.capset(header, held) == 0
sleeping = [subprocess.Popen(["sleep", "10"], start_new_session=True) for _ in range(3)]
for one in sleeping:
    process_gives_way(one.pid)
print(*(niceness_of_session(one.pid) for one in sleeping))
for one in sleeping:
    one.kill()
    one.wait()
"""


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


def test_every_helper_of_an_account_without_privileges_gives_way() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PRIVILEGES], check=False, capture_output=True, text=True)
    assert (done.stderr, done.stdout.split()) == ("", [str(NICER)] * 3)


def test_what_works_for_a_replay_in_the_database_gives_way_and_what_works_for_others_does_not(database: str) -> None:
    with aside(database) as replay, connect(database) as other:
        assert niceness(replay.info.backend_pid) == niceness_of_session(replay.info.backend_pid) == NICER
        assert asks_for_longer_slices(replay.info.backend_pid)
        assert niceness(other.info.backend_pid) == niceness_of_session(other.info.backend_pid) == 0
