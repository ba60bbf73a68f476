"""The scheduler: gives the commands whose time has come, once however many of it run, and late rather than never.

It asks the read model of deadlines, sleeps until the next of them, and is woken by what is written meanwhile. It needs
no leader: the ledger carries a command out once, and a decision that is made too early or too late changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from psycopg import AsyncConnection

from commands.request import Request
from commands.service import CommandService
from domain.ids import TenantId
from domain.services import SCHEDULER
from infra.read_store.deadlines import Deadline, due, next_after
from infra.roles import ROLES, as_role
from services.api.deps import now
from services.going_on import going_on
from services.scheduling import command_id, command_of

BATCH = 100
"""Deadlines that are asked for, and carried out side by side, at a time."""
LONGEST_SLEEP = 30.0
"""Seconds after which it looks again, whatever it knows."""
SETTLES_IN = 0.5
"""Seconds that read models get to hold what it was woken for; it looks no more often than that."""
ASK_AGAIN = timedelta(seconds=60)
"""A deadline that was carried out, and is still in the read model after so long, is carried out again: to no effect."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)
"""How long one that failed is left alone: twice as long after each failure."""

log = structlog.get_logger("scheduler")


@dataclass(frozen=True, slots=True)
class Rest:
    """A deadline that is not tried before an instant, after so many failures."""

    until: datetime
    failures: int = 0


class Scheduler:
    """Carries deadlines out until it is stopped. `carried_out` and `failures` only grow.

    On a `simulated` clock what it does is recorded at the clock's time.
    """

    def __init__(
        self, dsn: str, commands: CommandService, clock: Callable[[], datetime] = now, *, simulated: bool = False
    ) -> None:
        self._dsn = dsn
        self._commands = commands
        self._clock = clock
        self._simulated = simulated
        self._rests: dict[Deadline, Rest] = {}
        self._looked: float | None = None
        self.carried_out = 0
        self.failures = 0

    @property
    def idle_seconds(self) -> float | None:
        """How long ago it last went through all that was due; None before the first time."""
        return None if self._looked is None else monotonic() - self._looked

    async def run(self) -> None:
        """Look, carry out, sleep; a database that is away is waited for. Ends by being cancelled."""
        while True:
            try:
                dsn = as_role(self._dsn, ROLES.projector)  # deadlines are those of all companies
                async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
                    await connection.execute("LISTEN ashiato_log")
                    await self._follow(connection)
            except Exception as error:  # whatever it is, it is logged, counted and tried again
                self.failures += 1
                log.error("scheduler failed; trying again", exc_info=error)  # noqa: TRY400  # no trace needed
                await asyncio.sleep(FIRST_PAUSE.total_seconds())

    async def once(self, connection: AsyncConnection[Any]) -> int:
        """Carry out all that is due now, company by company at once; how many were tried."""
        at, after, tried = self._clock(), None, 0
        still_there: set[Deadline] = set()
        while True:
            batch = await due(connection, at, BATCH, after)
            still_there.update(batch)
            to_do = [deadline for deadline in batch if not self._rests_at(deadline, at)]
            await asyncio.gather(*(self._carry_out(deadline, at) for deadline in to_do))
            tried += len(to_do)
            if len(batch) < BATCH:
                break
            after = batch[-1]
        self._rests = {deadline: rest for deadline, rest in self._rests.items() if deadline in still_there}
        self._looked = monotonic()
        return tried

    async def _follow(self, connection: AsyncConnection[Any]) -> None:
        while True:
            await self.once(connection)
            seconds = await self._seconds_to_next(connection)
            if [told async for told in connection.notifies(timeout=seconds, stop_after=1)]:
                await asyncio.sleep(SETTLES_IN)

    async def _seconds_to_next(self, connection: AsyncConnection[Any]) -> float:
        at = self._clock()
        coming = [rest.until for rest in self._rests.values()]
        if (following := await next_after(connection, at)) is not None:
            coming.append(following)
        wait = min(((then - at).total_seconds() for then in coming), default=LONGEST_SLEEP)
        return min(max(wait, SETTLES_IN), LONGEST_SLEEP)

    def _rests_at(self, deadline: Deadline, at: datetime) -> bool:
        rest = self._rests.get(deadline)
        return rest is not None and at < rest.until

    async def _carry_out(self, deadline: Deadline, at: datetime) -> None:
        """One deadline's command; its failure is nobody else's."""
        request = Request(
            TenantId(deadline.tenant), command_id(deadline), at, actor=SCHEDULER.id, simulated=self._simulated
        )
        try:
            receipt = await self._commands.execute(request, command_of(deadline))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is logged, counted and tried again
            self._failed(deadline, at, error)
            return
        self._rests[deadline] = Rest(at + ASK_AGAIN)
        self.carried_out += receipt.events > 0

    def _failed(self, deadline: Deadline, at: datetime, error: Exception) -> None:
        before = self._rests.get(deadline)
        failures = before.failures + 1 if before else 1
        pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
        self._rests[deadline] = Rest(at + pause, failures)
        self.failures += 1
        log.error(
            "deadline failed; trying again",
            tenant=deadline.tenant,
            kind=deadline.kind,
            failures=failures,
            pause=pause.total_seconds(),
            exc_info=error,
        )


@asynccontextmanager
async def scheduling(dsn: str, commands: CommandService) -> AsyncIterator[Scheduler]:
    """A scheduler, for as long as the block runs."""
    scheduler = Scheduler(dsn, commands)
    async with going_on(scheduler.run(), "scheduler"):
        yield scheduler
