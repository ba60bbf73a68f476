"""A command's id is its promise: sent again, it gets its first answer and changes nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from commands.request import FirstRefusal, IdempotencyKeyReused, Receipt
from commands.runs import CompleteStep
from domain.events import CommandRefused
from domain.ids import CommandId, RunId
from domain.refusals import Refusal
from domain.runs.events import StepCompleted
from domain.runs.guards import NotAssignee
from infra.ids import uuid7
from services.bootstrap import write_side
from tests.commands.desks import Desk, desks, refusal, settle
from tests.faults.relay import relayed
from tests.people import BUNTA, IKUKO, OFFER

DONE = {"employment": "新卒"}


def named(command: str, request_hash: bytes = b"asked") -> dict[str, Any]:
    return {"command": CommandId(command), "request_hash": request_hash, "repeatable": True}


def again(first: Receipt) -> Receipt:
    return replace(first, events=0, repeated=True)


@pytest.mark.parametrize("desk", [0, 1], ids=["the-same-process", "another-process"])
async def test_it_gets_the_first_answer(database: str, desk: int) -> None:
    async with desks(database, 2) as both:
        run, command = await both[0].start_run(), uuid7()
        await both[1].look_at(run)
        first = await both[0].do(CompleteStep(run, OFFER, DONE), **named(command))
        assert await both[desk].do(CompleteStep(run, OFFER, DONE), **named(command)) == again(first)


async def test_it_gets_the_first_answer_when_it_would_be_refused_by_now(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run, command = await desk.start_run(), uuid7()
        asked = {**named(command), "expected_version": 2}
        first = await desk.do(CompleteStep(run, OFFER, DONE), **asked)
        assert first.events
        assert await desk.do(CompleteStep(run, OFFER, DONE), **asked) == again(first)


async def test_sent_many_times_at_once_it_is_carried_out_once(database: str) -> None:
    async with desks(database, 2) as both:
        run, command = await both[0].start_run(), uuid7()
        await asyncio.gather(*(both[n % 2].do(CompleteStep(run, OFFER, DONE), **named(command)) for n in range(30)))
        assert len([e for e in await both[0].events(run) if isinstance(e, StepCompleted)]) == 1


async def test_another_request_under_its_id_is_refused(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run, command = await desk.start_run(), uuid7()
        await desk.do(CompleteStep(run, OFFER, DONE), **named(command))
        other = desk.do(CompleteStep(run, OFFER, {"employment": "中途"}), **named(command, b"other"))
        assert type(await refusal(other)) is IdempotencyKeyReused


async def test_another_request_is_refused_even_where_it_would_be_carried_out(database: str) -> None:
    async with desks(database, 1) as [desk]:
        one, two, command = await desk.start_run(), await desk.start_run(), uuid7()
        await desk.do(CompleteStep(one, OFFER, DONE), **named(command))
        other = desk.do(CompleteStep(two, OFFER, DONE), **named(command, b"other"))
        assert type(await refusal(other)) is IdempotencyKeyReused


async def test_a_key_that_changed_nothing_stands_for_that_request_alone(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run, command = await desk.start_run(), uuid7()
        await desk.do(CompleteStep(run, OFFER, DONE))
        nothing = await desk.do(CompleteStep(run, OFFER, DONE), **named(command))
        assert (nothing.events, nothing.repeated) == (0, False)
        assert await desk.do(CompleteStep(run, OFFER, DONE), **named(command)) == again(nothing)
        other = desk.do(CompleteStep(run, OFFER, {"employment": "中途"}), **named(command, b"other"))
        assert type(await refusal(other)) is IdempotencyKeyReused


async def test_what_was_already_so_can_be_waited_for(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run = await desk.start_run()
        first = await desk.do(CompleteStep(run, OFFER, DONE))
        assert (await desk.do(CompleteStep(run, OFFER, DONE))).seq == first.seq


async def refused_on_record(desk: Desk, command: str) -> tuple[Refusal, RunId]:
    """Someone completes another's step."""
    run = await desk.start_run()
    return await refusal(desk.do(CompleteStep(run, OFFER, DONE), by=BUNTA, **named(command))), run


async def test_a_refusal_that_matters_is_recorded_in_a_stream_of_its_own(database: str) -> None:
    async with desks(database, 1) as [desk]:
        first, run = await refused_on_record(desk, command := uuid7())
        assert type(first) is NotAssignee
        assert await desk.events(command) == [
            CommandRefused("complete_step", "not_assignee", first.sentence, run, "run")
        ]


async def test_a_recorded_refusal_is_given_again(database: str) -> None:
    async with desks(database, 1) as [desk]:
        first, run = await refused_on_record(desk, command := uuid7())
        same = await refusal(desk.do(CompleteStep(run, OFFER, DONE), by=BUNTA, **named(command)))
        assert type(same) is FirstRefusal
        assert (same.code, same.sentence, same.kind) == (first.code, first.sentence, first.kind)
        assert len(await desk.events(command)) == 1


async def test_a_recorded_refusal_stands_though_it_could_be_carried_out_by_now(database: str) -> None:
    async with desks(database, 1) as [desk]:
        first, run = await refused_on_record(desk, command := uuid7())
        # The same id, from someone who may: the ledger's answer comes first.
        now = await refusal(desk.do(CompleteStep(run, OFFER, DONE), **named(command)))
        assert now.code == first.code
        assert not [e for e in await desk.events(run) if isinstance(e, StepCompleted)]


async def test_a_refusal_that_matters_to_nobody_may_turn_out_otherwise_later(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run, command = await desk.start_run(), uuid7()
        stale = {**named(command), "expected_version": 7}
        await refusal(desk.do(CompleteStep(run, OFFER, DONE), **stale))
        assert (await desk.do(CompleteStep(run, OFFER, DONE), **named(command))).events


async def test_an_answer_that_was_lost_on_the_way_is_still_given(database: str) -> None:
    async with relayed(database) as (relay, dsn), write_side(database) as straight, write_side(dsn) as side:
        await settle(straight)
        desk = Desk(side, database)
        run = await desk.start_run()
        relay.lose_next_answer()
        receipt = await desk.do(CompleteStep(run, OFFER, DONE))
        assert relay.lost.is_set()
        assert (receipt.version, receipt.position) == (len(await desk.events(run)), await last_position(desk))


async def test_after_a_lost_answer_the_next_command_is_decided_on_what_the_log_holds(database: str) -> None:
    async with relayed(database) as (relay, dsn), write_side(database) as straight, write_side(dsn) as side:
        await settle(straight)
        desk = Desk(side, database)
        run = await desk.start_run()
        relay.lose_next_answer()
        await desk.do(CompleteStep(run, OFFER, DONE))
        assert (await refusal(desk.do(CompleteStep(run, OFFER, DONE), by=IKUKO))).code == "step_not_ready"


async def last_position(desk: Desk) -> int:
    async with desk.side.reader._connections.connection() as connection:
        row = await (await connection.execute("SELECT log_head()")).fetchone()
        assert row is not None
        return int(row[0])
