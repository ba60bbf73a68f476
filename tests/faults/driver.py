"""A server and its clients in one process, made to be killed: `python -m tests.faults.driver <dsn> <journal> <seed>`.

It carries commands out and keeps the read models, as `ashiato serve` does. Its clients first send again what they
never had an answer to. SIGTERM ends it in good order.
"""

import asyncio
import random
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from commands.catalogue import Command
from commands.ports import LogUnavailable
from commands.request import Request
from commands.runs import Comment, CompleteStep, StartRun
from commands.service import CommandService
from domain.ids import CommandId, MemberId, RunId
from domain.refusals import Refusal
from infra.ids import uuid7
from projections.catalogue import PROJECTIONS
from services.bootstrap import write_side
from services.projector import Projector
from tests.faults.journal import Answer, Journal, Order, Remembered
from tests.people import AIKO, BUNTA, COMPANY, JOINING_DAY, MONDAY, OFFER, PROCEDURE

CLIENTS = 16
COMMENTS_A_RUN = 6

Make = Callable[[Order], tuple[MemberId, Command]]
MAKE: Mapping[str, Make] = {
    "start": lambda o: (AIKO, StartRun(RunId(o.run), PROCEDURE, "新人", {JOINING_DAY: date(2026, 5, 1)})),
    "complete": lambda o: (AIKO, CompleteStep(RunId(o.run), OFFER, {"employment": "新卒", "contact": o.id})),
    "comment": lambda o: (AIKO, Comment(RunId(o.run), None, o.id)),
    # Not his to do: a refusal on record.
    "meddle": lambda o: (BUNTA, CompleteStep(RunId(o.run), OFFER, {"employment": "中途"})),
}


class Clients:
    """Those who ask, one thing at a time each."""

    def __init__(self, commands: CommandService, journal: Journal, seed: int) -> None:
        self._commands = commands
        self._journal = journal
        self._chance = random.Random(seed)
        self.stopping = False

    async def send_again(self, orders: list[Order]) -> None:
        """Ask again for what was never answered, all at once."""
        await asyncio.gather(*map(self._ask, orders))

    async def work(self) -> None:
        """One client: run after run, until told to stop."""
        while not self.stopping:
            run = uuid7()
            names = ["start", "meddle", "complete", *["comment"] * self._chance.randint(1, COMMENTS_A_RUN)]
            for name in names:
                await self._do(Order(uuid7(), name, run))

    async def _do(self, order: Order) -> None:
        if self.stopping:
            return
        self._journal.ask(order)
        await self._ask(order)

    async def _ask(self, order: Order) -> None:
        """Ask until there is an answer: the id makes it safe."""
        by, command = MAKE[order.name](order)
        request = Request(
            COMPANY, CommandId(order.id), MONDAY, by, request_hash=order.name.encode(), repeatable=True
        )
        while not self.stopping:
            try:
                self._journal.hear(order, await self._answer(request, command))
            except LogUnavailable:
                continue
            return

    async def _answer(self, request: Request, command: Command) -> Answer:
        try:
            receipt = await self._commands.execute(request, command)
        except Refusal as refusal:
            return Answer(refused=refusal.code)
        return Answer(receipt.version, receipt.position, receipt.events, receipt.repeated)


async def drive(dsn: str, path: Path, seed: int) -> None:
    """Serve until SIGTERM."""
    before = Remembered.read(path)
    with Journal(path) as journal:
        async with write_side(dsn) as side:
            clients = Clients(side.commands, journal, seed)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, setattr, clients, "stopping", True)
            await clients.send_again(before.unanswered)
            await asyncio.gather(*(clients.work() for _ in range(CLIENTS)))


def main(dsn: str, path: str, seed: str) -> None:
    """Everything in one process, as by default."""
    projector = Projector(dsn, PROJECTIONS)
    projector.start()
    try:
        asyncio.run(drive(dsn, Path(path), int(seed)))
    finally:
        projector.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
