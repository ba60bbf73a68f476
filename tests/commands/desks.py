"""The cast's company on real PostgreSQL, worked on from one desk or two: each desk is a process with its own cache."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from commands.catalogue import Command
from commands.ports import Entry, NewEvent, Seen
from commands.request import Receipt, Request
from commands.runs import StartRun
from domain.events import Event
from domain.ids import CommandId, MemberId, RunId, TenantId
from domain.procedures.events import DraftSaved, ProcedurePublished
from domain.refusals import Refusal
from infra.ids import uuid7
from services.bootstrap import WriteSide, write_side
from tests.people import AIKO, COMPANY, JOINING, JOINING_DAY, MONDAY, PROCEDURE, SETTLED


@dataclass(frozen=True)
class Desk:
    """Where commands are given."""

    side: WriteSide
    dsn: str

    async def do(self, command: Command, /, by: MemberId | None = AIKO, **others: Any) -> Receipt:
        """Carry a command out, on Monday."""
        surroundings: dict[str, Any] = {"tenant": COMPANY, "command": CommandId(uuid7()), "at": MONDAY, "actor": by}
        return await self.side.commands.execute(Request(**surroundings | others), command)

    async def start_run(self) -> RunId:
        """A new run, whose first step waits for Aiko."""
        run = RunId(uuid7())
        await self.do(StartRun(run, PROCEDURE, "新人", {JOINING_DAY: date(2026, 5, 1)}))
        return run

    async def look_at(self, run: RunId) -> None:
        """Have the run, its tenant and its procedure in the cache."""
        await self.side.commands._held.load(COMPANY, {COMPANY: "tenant", run: "run", PROCEDURE: "procedure"})

    async def events(self, stream: str, tenant: TenantId = COMPANY) -> Sequence[Event]:
        """What the log holds of a stream."""
        return (await self.side.reader.read(tenant, {stream: 0})).get(stream, [])


@asynccontextmanager
async def desks(dsn: str, count: int, tenant: TenantId = COMPANY) -> AsyncIterator[list[Desk]]:
    """Desks of the company; the cast has signed up, and their procedure is published."""
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(write_side(dsn)) for _ in range(count)]
        await settle(sides[0], tenant)
        yield [Desk(side, dsn) for side in sides]


async def settle(side: WriteSide, tenant: TenantId = COMPANY) -> None:
    """The cast's history, under the id of any company."""
    await given(side, tenant, tenant, SETTLED)
    await given(side, tenant, PROCEDURE, [DraftSaved(JOINING), ProcedurePublished(1, JOINING)])


async def given(side: WriteSide, tenant: TenantId, stream: str, events: Sequence[Event]) -> None:
    """A new stream's history."""
    new = [NewEvent(stream, version, event) for version, event in enumerate(events, 1)]
    seen = [Seen(stream, 0, True)]
    verdict = await side.writer.append(Entry(tenant, CommandId(uuid7()), b"", b"", seen, new, None))
    assert verdict.outcome == "appended"


async def refusal(asked: Awaitable[Any]) -> Refusal:
    """The refusal of a command that is not to be carried out."""
    try:
        await asked
    except Refusal as refused:
        return refused
    raise AssertionError("expected a refusal, but it was carried out")


async def outcomes(asked: Iterable[Awaitable[Receipt]]) -> Counter[str]:
    """How many of the commands given at once were done, were so already, or were refused with which code."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    return Counter(map(_outcome, answers))


def _outcome(answer: Receipt | BaseException) -> str:
    if isinstance(answer, Refusal):
        return answer.code
    if isinstance(answer, BaseException):
        raise answer
    return "done" if answer.events else "so already"
