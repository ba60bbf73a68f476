"""A part of a core for a process, by a control group: what processes can do that have not all cores of a machine.

Control groups of version 1 (kernel, scheduler/sched-bwc.rst), where they may be made; elsewhere nothing is measured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import UnavailableError

GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 20_000


@contextmanager
def capped(process: int, cores: float) -> Iterator[None]:
    """At most so much of a core, until it has ended within the block."""
    group = GROUPS / f"bench-{process}"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(int(PERIOD_US * cores)))
        (group / "cgroup.procs").write_text(str(process))
        yield
    finally:
        group.rmdir()


def need_capping() -> None:
    """Raises UnavailableError where it cannot be done."""
    trial = GROUPS / "bench-trial"
    try:
        trial.mkdir()
        there = (trial / "cpu.cfs_quota_us").exists()
        trial.rmdir()
    except OSError as why:
        raise UnavailableError(f"expected to make a control group in {GROUPS}, but: {why.strerror}") from None
    if not there:
        raise UnavailableError(f"expected {GROUPS} to be control groups of version 1, but it is none")
