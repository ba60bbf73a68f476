"""Looks at the database for whoever asks how the program is: one at a time, and no longer than it is worth."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from commands.ports import LogUnavailable
from infra.read_store.export_jobs import Backlog
from infra.read_store.standing import Standing
from services.api.deps import Deps, Late

PATIENCE = 1.5
"""Seconds to wait for the database: whoever asks for the program's health does not wait for long."""
GIVE_UP = 10.0
"""Seconds after which a look that still waits is given up, and another begun."""
LOG = "log"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the database found."""

    positions: Mapping[str, int]
    standstill: Mapping[str, float]
    standing: Standing
    late: Late | None = None
    backlog: Backlog | None = None


class Looking:
    """Looks at the database; who asks during a look gets what that finds, so that no more than one can hang."""

    def __init__(self) -> None:
        self._under_way: asyncio.Task[Look] | None = None
        self._began = 0.0

    async def look(self, deps: Deps) -> Look:
        """Raises LogUnavailable when the database does not answer in time, psycopg's errors when it cannot."""
        look = self._begun(deps)
        # Not cancelled: psycopg would wait for a database that hangs to hear of it.
        await asyncio.wait({look}, timeout=PATIENCE)
        if not look.done():
            raise LogUnavailable(f"expected the log to answer within {PATIENCE} s, but it did not")
        return look.result()

    def _begun(self, deps: Deps) -> asyncio.Task[Look]:
        look, now = self._under_way, monotonic()
        if look is not None and not look.done():
            if now - self._began < GIVE_UP:
                return look
            look.cancel()
        self._under_way = asyncio.create_task(_look(deps))
        self._under_way.add_done_callback(_heard)
        self._began = now
        return self._under_way


def _heard(look: asyncio.Task[Look]) -> None:
    """A look that nobody waited for to its end may fail too."""
    if not look.cancelled():
        look.exception()


async def _look(deps: Deps) -> Look:
    following, schedule, exporting = deps.following, deps.schedule, deps.exporting
    return Look(
        await deps.positions(),
        await following.standstill() if following else {},
        await following.standing() if following else Standing(),
        await schedule.late() if schedule else None,
        await exporting.backlog() if exporting else None,
    )


def lags(positions: Mapping[str, int]) -> dict[str, int]:
    """How many events each projection is behind the log."""
    head = positions.get(LOG, 0)
    return {name: max(0, head - position) for name, position in positions.items() if name != LOG}
