"""A rebuild in a process of its own that kills itself: `python -m tests.infra.read_store.killed DSN STAGE`."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from infra.read_store import cutover, helping, parts, rebuild, side, tallies
from infra.read_store.live import Live
from infra.read_store.replaying import Worker
from projections.progress import progress

WORKERS = {"amid a part": 1}
"""Two, unless it is this process itself that is to be at work."""


def die() -> None:
    """Kill -9, with whatever was at work here."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(owner: Any, name: str, *, after: bool, times: int = 1) -> None:
    """Replace a function by one in which we die, before or after its work, at the so-manieth call."""
    does: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(times - 1, -1, -1))

    def calling(*given: Any, **named: Any) -> Any:
        last = next(calls) == 0
        if last and not after:
            die()
        found = does(*given, **named)
        if last:
            die()
        return found

    setattr(owner, name, calling)


STAGES: dict[str, Callable[[], None]] = {
    "preparing": lambda: dying(parts, "plan", after=True),
    "prepared": lambda: dying(rebuild, "prepare", after=True),
    "replaying": lambda: dying(helping, "_done", after=True),
    "amid a part": lambda: dying(Worker, "_takes", after=True, times=2),
    "tallies": lambda: dying(tallies, "sum_up", after=True),
    "indexes": lambda: dying(side, "_largest_first", after=False, times=2),
    "registering": lambda: dying(parts, "forget", after=True),
    "replayed": lambda: dying(rebuild, "_finished", after=True),
    "catching up": lambda: dying(Live, "step", after=False),
    "cutting over": lambda: dying(cutover, "_swap", after=True),
    "live": lambda: dying(cutover, "_swapped", after=True),
}
"""By what it is at when it dies."""


def main(dsn: str, stage: str) -> None:
    """Rebuild, and die."""
    parts.STREAMS_A_TASK = 2
    STAGES[stage]()
    rebuild.rebuild(dsn, [progress], WORKERS.get(stage, 2))


if __name__ == "__main__":
    main(*sys.argv[1:])
