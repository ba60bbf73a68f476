"""The database crashes and comes back: commands wait for it, or say that the log cannot be reached."""

import asyncio

import pytest

from commands.ports import LogUnavailable
from commands.runs import CompleteStep
from infra.event_store import wire
from tests.commands.desks import desks, refusal
from tests.faults.crashing_server import CrashingServer
from tests.people import IKUKO, OFFER

DONE = {"employment": "新卒"}


async def test_commands_given_meanwhile_are_carried_out_when_it_is_back() -> None:
    with CrashingServer() as server:
        async with desks(server.dsn, 2) as both:
            run, other = await both[0].start_run(), await both[0].start_run()
            await both[0].look_at(run)
            server.kill()
            # One with every state in its cache, one that has to read them first.
            asked = [both[0].do(CompleteStep(run, OFFER, DONE)), both[1].do(CompleteStep(other, OFFER, DONE))]
            waiting = [asyncio.ensure_future(one) for one in asked]
            await asyncio.to_thread(server.start)
            assert [(await one).events > 0 for one in waiting] == [True, True]


async def test_a_refusal_is_compared_with_the_log_when_it_is_back() -> None:
    with CrashingServer() as server:
        async with desks(server.dsn, 1) as [desk]:
            run = await desk.start_run()
            server.kill()
            waiting = asyncio.ensure_future(refusal(desk.do(CompleteStep(run, OFFER, DONE), by=IKUKO)))
            await asyncio.to_thread(server.start)
            assert (await waiting).code == "not_assignee"


@pytest.mark.parametrize("cached", [True, False], ids=["states-in-the-cache", "states-to-be-read"])
async def test_while_it_stays_away_the_log_is_unavailable(monkeypatch: pytest.MonkeyPatch, cached: bool) -> None:
    monkeypatch.setattr(wire, "GIVE_UP_AFTER", 0.2)
    with CrashingServer() as server:
        async with desks(server.dsn, 2) as both:
            run = await both[0].start_run()
            server.kill()
            with pytest.raises(LogUnavailable):
                await both[0 if cached else 1].do(CompleteStep(run, OFFER, DONE))
