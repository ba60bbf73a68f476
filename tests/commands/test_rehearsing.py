"""A rehearsal is the command's own outcome, and leaves no trace."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.plans import ApplyPlanChange, CancelPlan, WithdrawPlanChange
from commands.request import Rehearsed, Request
from commands.tenants import ChoosePlan, DeactivateMember, InviteMember
from domain.events import Event
from domain.ids import CommandId, MemberId
from domain.refusals import NotPermitted, Refusal
from domain.services import SCHEDULER
from domain.tenants.folding import fold
from domain.tenants.rehearsal import foresee
from infra.ids import uuid7
from tests.commands.memory_log import MemoryLog
from tests.commands.worlds import service, settle
from tests.people import AIKO, COMPANY, EMI, MONDAY, TOKEN

SETTLED_LOG = MemoryLog()
asyncio.run(settle(SETTLED_LOG))

PLANS = st.builds(ChoosePlan, st.sampled_from(["lite", "standard", "pro", "gold"])) | st.builds(
    ChoosePlan, st.just("enterprise"), st.none() | st.sampled_from([101, 300])
)
CHANGES = PLANS | st.just(CancelPlan())
NUMBERS = st.integers(0, 10**9)
INVITING = NUMBERS.map(
    lambda n: InviteMember(
        MemberId(f"0199a000-0000-7000-8000-{n:012d}"), "新人", f"p{n}@a.example", "member", None, TOKEN
    )
)
MORE = CHANGES | st.just(WithdrawPlanChange()) | st.just(ApplyPlanChange()) | st.just(DeactivateMember(AIKO))
TURNS = st.lists(
    st.tuples(st.one_of(MORE, st.lists(INVITING, min_size=15, max_size=15)), st.integers(0, 20)), max_size=6
)
REASONS = st.sampled_from(["経費削減", None])


def asked(command: Any, days: int, reason: str | None = "理由") -> Request:
    by = SCHEDULER.id if isinstance(command, ApplyPlanChange) else EMI
    at = MONDAY + timedelta(days=days)
    return Request(COMPANY, CommandId(uuid7()), at, by, reason=reason)


async def lived(turns: list[tuple[Any, int]]) -> tuple[MemoryLog, int]:
    """The company after some changes, and on which day."""
    log, day = SETTLED_LOG.copy(), 0
    by = service(log)
    for commands, later in turns:
        day += later
        for command in commands if isinstance(commands, list) else [commands]:
            try:
                await by.execute(asked(command, day), command)
            except Refusal:
                continue
    return log, day


def written(log: MemoryLog) -> tuple[Any, ...]:
    return log.position, dict(log.ledger), {stream: tuple(bodies) for stream, bodies in log.streams.items()}


@given(TURNS, CHANGES, REASONS)
def test_the_command_does_what_was_rehearsed_and_rehearsing_changes_nothing(
    turns: list[tuple[Any, int]], command: Any, reason: str | None
) -> None:
    async def live() -> None:
        log, day = await lived(turns)
        by, request = service(log), asked(command, day, reason)
        before = written(log)
        foreseen = await told(by.rehearse(request, command))
        assert foreseen == await told(by.rehearse(request, command))
        assert written(log) == before
        done = await carried_out(log, by, request, command)
        assert done == foreseen

    asyncio.run(live())


async def told(rehearsal: Any) -> tuple[list[Event], str]:
    try:
        found: Rehearsed = await rehearsal
    except NotPermitted as refused:
        return [], refused.sentence
    return list(found.events), found.refusal.sentence if found.refusal else ""


async def carried_out(log: MemoryLog, by: Any, request: Request, command: Any) -> tuple[list[Event], str]:
    before = len(log.events(COMPANY, COMPANY))
    try:
        await by.execute(request, command)
    except Refusal as refused:
        return [], refused.sentence
    return log.events(COMPANY, COMPANY)[before:], ""


@given(TURNS, CHANGES)
def test_what_is_told_of_a_change_is_what_it_makes_of_the_company(turns: list[tuple[Any, int]], command: Any) -> None:
    async def live() -> None:
        log, day = await lived(turns)
        request = asked(command, day)
        found = await service(log).rehearse(request, command)
        if found.refusal is not None:
            return
        seen, after = foresee(found.state, list(found.events), request.at), fold(found.events, found.state)
        assert (seen.outcome == "unchanged") == (not found.events)
        if seen.outcome == "scheduled":
            assert after.pending is not None
            assert (after.pending.plan, after.pending.at) == (seen.terms.plan, seen.at)
            assert after.plan == found.state.plan
        else:
            assert (after.plan, after.seats, after.yen_a_month) == (
                seen.terms.plan, seen.terms.seats, seen.terms.yen_a_month
            )  # fmt: skip
        assert seen.replaces in (None, found.state.pending)

    asyncio.run(live())


@pytest.mark.parametrize("command", [ChoosePlan("lite"), CancelPlan()])
async def test_who_may_not_change_the_plan_may_not_rehearse_it(command: Any) -> None:
    request = replace(asked(command, 0), actor=AIKO)
    with pytest.raises(NotPermitted):
        await service(SETTLED_LOG.copy()).rehearse(request, command)


async def test_a_rehearsal_knows_what_another_process_has_written() -> None:
    log = SETTLED_LOG.copy()
    here, elsewhere = service(log), service(log)
    command = ChoosePlan("lite")
    assert (await here.rehearse(asked(command, 0), command)).events
    await elsewhere.execute(asked(command, 0), command)
    assert (await here.rehearse(asked(command, 0), command)).events == []
