"""`python -m bench.handover`: hand over thousands of open steps while others work, and say how long it took.

Everything is prepared by commands. Printed for each round: until the answer, until the read models show it, and the
longest that a command of others took meanwhile. Exit status 1 when it is shown later than the goal.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass, field, replace
from time import perf_counter

import uvloop

from bench.ours_world import World, request, world
from bench.server import database, machine, postgres
from bench.workload import Workload
from commands.duties import HandOver, UndoHandover
from commands.request import Receipt
from commands.runs import Comment, StartRun
from commands.wide import WideCommand
from domain.ids import ProcedureId, RunId
from domain.tenants.handovers import Rule
from infra.ids import uuid7
from services.bootstrap import ReadSide, WriteSide, read_side
from services.database import prepare
from services.program import projecting

GOAL = 5.0
AT_ONCE = 256
OTHERS = 8
ROUNDS = 3


@dataclass
class Others:
    """People who write remarks all the while, and how long each took, in seconds."""

    took: list[float] = field(default_factory=list)
    working: bool = True


@dataclass(frozen=True)
class Office:
    """The company's two sides."""

    write: WriteSide
    read: ReadSide
    made: World

    async def timed(self, command: WideCommand) -> tuple[Receipt, float, float]:
        """The answer, and the seconds until it came and until the read models show it."""
        asked = replace(request(self.made.tenant, self.made.members[0]), reason="異動")
        started = perf_counter()
        receipt = await self.write.commands.execute(asked, command)
        answered = perf_counter() - started
        await self.read.positions.wait_for(self.made.tenant, receipt.seq, 120)
        return receipt, answered, perf_counter() - started


def main() -> int:
    """Measure, print, and compare with the goal."""
    parser = argparse.ArgumentParser(prog="python -m bench.handover", description=__doc__)
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--dsn", help="a PostgreSQL server where databases may be made; else one is started")
    asked = parser.parse_args()
    with postgres(asked.dsn) as server:
        print(machine(server))
        dsn = database(server, "bench_handover")
        prepare(dsn)
        with projecting(dsn):
            return uvloop.run(_measured(dsn, asked.steps))


async def _measured(dsn: str, steps: int) -> int:
    async with world(dsn, Workload(1, 4)) as (write, made), read_side(dsn) as read:
        office = Office(write, read, made)
        started = perf_counter()
        runs = await _start(office, steps)
        await read.positions.wait_for(made.tenant, await write.reader.last_seq(made.tenant), 600)
        print(f"prepared by commands: {steps:,} open steps of one person, {perf_counter() - started:.1f} s")
        shown = [await _round(office, runs) for _ in range(ROUNDS)]
    return int(min(shown) > GOAL)


async def _round(office: Office, runs: list[RunId]) -> float:
    """Hand over to two people, evenly, and back; until the handover was shown, in seconds."""
    others = Others()
    working = [asyncio.create_task(_remark(office, run, others)) for run in runs[:OTHERS]]
    giver, *receivers = office.made.members
    rules = (Rule(tuple(receivers[:2])),)
    receipt, answered, shown = await office.timed(HandOver(giver, rules))
    longest = max(others.took, default=0.0)
    undone, back, seen = await office.timed(UndoHandover(receipt.command))
    others.working = False
    await asyncio.gather(*working)
    print(
        f"handover of {receipt.events:,} events: answered in {answered:.2f} s, shown in {shown:.2f} s; "
        f"undone ({undone.events:,} events): {back:.2f} s, shown {seen:.2f} s; "
        f"others: {len(others.took):,} commands, the longest {longest:.2f} s"
    )
    return shown


async def _remark(office: Office, run: RunId, others: Others) -> None:
    while others.working:
        started = perf_counter()
        asked = request(office.made.tenant, office.made.members[3])
        await office.write.commands.execute(asked, Comment(run, None, "確認しました"))
        others.took.append(perf_counter() - started)


async def _start(office: Office, count: int) -> list[RunId]:
    """So many runs, each with a first step that is the owner's."""
    known = await office.write.reader.load(office.made.tenant, {office.made.template: "run"})
    procedure = ProcedureId(known[office.made.template].events[0].procedure)
    runs = [RunId(uuid7()) for _ in range(count)]
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(
            *(
                office.write.commands.execute(
                    request(office.made.tenant, office.made.members[0]), StartRun(run, procedure, "山田 太郎", {})
                )
                for run in runs[first : first + AT_ONCE]
            )
        )
    return runs


if __name__ == "__main__":
    sys.exit(main())
