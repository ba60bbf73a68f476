"""The same command reaches two processes, and one of them loses its connection: the log decides what happened."""

import asyncio
from typing import Any

import psycopg

from commands.runs import ApproveStep, CompleteStep
from commands.tenants import SetRoleHolders
from domain.ids import CommandId
from domain.runs.events import StepApproved
from infra.ids import uuid7
from tests.commands.desks import Desk, desks, refusal
from tests.people import BUNTA, CONTRACT, FUMIO, HR_MANAGER, OFFER

DONE = {"employment": "新卒"}
TAKE_THE_LOCK = "SELECT pg_advisory_xact_lock(4702394921427289928)"
WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
      AND pid <> %s
"""


async def until_waiting(dsn: str, count: int, but: int = 0) -> None:
    """So many sessions wait for the log's lock, one of them not counted."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as watcher:
        while True:
            if await (await watcher.execute(WAITING, (but,))).fetchone() == (count,):
                return
            await asyncio.sleep(0.01)


def session(desk: Desk) -> int:
    """The process id of the server that the desk's writer talks to."""
    libpq = desk.side.writer._wire._libpq
    assert libpq is not None
    return libpq.backend_pid


async def test_what_the_other_one_made_of_it_is_what_counts(database: str) -> None:
    """Its own events were decided on a stale state: had it kept them, it would let the wrong person approve."""
    async with desks(database, 2) as [one, two], await psycopg.AsyncConnection.connect(database) as lock:
        run = await one.start_run()
        await two.do(SetRoleHolders(HR_MANAGER, (FUMIO,)), by=BUNTA)
        await two.look_at(run)
        named: dict[str, Any] = {"command": CommandId(uuid7()), "request_hash": b"asked", "repeatable": True}
        await lock.execute(TAKE_THE_LOCK)
        lost = session(one)
        first = asyncio.ensure_future(one.do(CompleteStep(run, OFFER, DONE), **named))
        await until_waiting(database, 1)
        second = asyncio.ensure_future(two.do(CompleteStep(run, OFFER, DONE), **named))
        await until_waiting(database, 2)
        await lock.execute("SELECT pg_terminate_backend(%s)", (lost,))
        await until_waiting(database, 2, lost)
        await lock.commit()
        assert (await first).version == (await second).version

        assert (await refusal(one.do(ApproveStep(run, CONTRACT), by=BUNTA))).code == "not_assignee"
        assert not [e for e in await two.events(run) if isinstance(e, StepApproved)]
