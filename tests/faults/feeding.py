"""Companies at work for as long as it takes: `python -m tests.faults.feeding <dsn> <tenants> <events>`.

It says how many events there are whenever a thousand have come, and lives through a database that goes away.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import date

from commands.catalogue import Command
from commands.ports import LogUnavailable
from commands.request import Request
from commands.runs import Comment, CompleteStep, StartRun
from domain.ids import CommandId, RunId, TenantId
from infra.ids import uuid7
from services.bootstrap import WriteSide, write_side
from tests.infra.kafka.logs import founded, some_tenants
from tests.people import AIKO, JOINING_DAY, MONDAY, OFFER, PROCEDURE

COMMENTS = 12


class Feeding:
    """So many companies, each at its own runs, until there are enough events."""

    def __init__(self, side: WriteSide, enough: int) -> None:
        self._side = side
        self._enough = enough
        self._events = 0

    async def work(self, tenant: TenantId) -> None:
        """One company: run after run."""
        while self._events < self._enough:
            run = RunId(uuid7())
            commands: list[Command] = [
                StartRun(run, PROCEDURE, "新人", {JOINING_DAY: date(2026, 5, 1)}),
                CompleteStep(run, OFFER, {"employment": "新卒", "contact": "03"}),
                *(Comment(run, None, f"{number}") for number in range(COMMENTS)),
            ]
            for command in commands:
                await self._do(tenant, command)

    async def _do(self, tenant: TenantId, command: Command) -> None:
        request = Request(tenant=tenant, command=CommandId(uuid7()), at=MONDAY, actor=AIKO)
        while True:
            with suppress(LogUnavailable):
                before, receipt = self._events // 1_000, await self._side.commands.execute(request, command)
                self._events += receipt.events
                if self._events // 1_000 > before:
                    print(self._events, flush=True)  # noqa: T201  # that is what it is for
                return


async def feed(dsn: str, count: int, enough: int) -> None:
    """Found so many companies, and have them work."""
    tenants = some_tenants(count)
    await founded(dsn, tenants)
    async with write_side(dsn) as side:
        feeding = Feeding(side, enough)
        await asyncio.gather(*map(feeding.work, tenants))


if __name__ == "__main__":
    asyncio.run(feed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
