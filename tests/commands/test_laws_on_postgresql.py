"""PostgreSQL gives the answers that the log in memory gives, so what holds there holds here."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings

from commands.ports import Log
from domain.events import Event
from domain.ids import CommandId, TenantId
from infra.ids import uuid7
from services.bootstrap import PostgresLog, write_side
from tests.commands.any_command import HISTORIES
from tests.commands.memory_log import MemoryLog
from tests.commands.worlds import NOBODYS_COMPANY, OURS, Answer, Asked, answer, service, settle
from tests.people import COMPANY

FEW = settings(max_examples=20)


@dataclass(frozen=True)
class Machine:
    """A log on PostgreSQL, and the event loop in which it lives."""

    runner: asyncio.Runner
    log: Log


@pytest.fixture(scope="module")
def machine(module_database: str) -> Iterator[Machine]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        side = runner.run(stack.enter_async_context(write_side(module_database)))
        yield Machine(runner, PostgresLog(side.writer, side.reader, side.snapshots, side.duties))
        runner.run(stack.aclose())


def moved(asked: Asked, companies: dict[TenantId, TenantId]) -> Asked:
    """The same command asked of a company of this example's own, under an id of its own."""
    command = CommandId(uuid7())
    return replace(asked, request=replace(asked.request, tenant=companies[asked.request.tenant], command=command))


async def lived(log: Log, history: list[Asked], company: TenantId) -> tuple[list[Answer], dict[str, list[Event]]]:
    """The answers to a history, each command sent twice; and what the streams hold then."""
    by, answers = service(log), []
    for asked in history:
        answers += [await answer(by, asked), await answer(service(log), asked)]
    streams = await log.read(company, {company if s == COMPANY else s: 0 for s in OURS})
    return answers, {stream: list(events) for stream, events in streams.items()}


@FEW
@given(history=HISTORIES)
def test_a_history_gets_the_same_answers_and_leaves_the_same_events(machine: Machine, history: list[Asked]) -> None:
    companies = {tenant: TenantId(uuid7()) for tenant in (COMPANY, NOBODYS_COMPANY)}
    company, others = companies[COMPANY], TenantId(uuid7())
    history = [moved(asked, companies) for asked in history]

    async def both() -> None:
        memory = MemoryLog()
        for log in (memory, machine.log):
            await settle(log, company, others)
        assert await lived(machine.log, history, company) == await lived(memory, history, company)

    machine.runner.run(both())
