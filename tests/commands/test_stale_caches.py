"""Two processes, two caches: a decision on a stale state costs a retry and never gives a wrong event or refusal."""


from dataclasses import replace

import pytest

from commands.procedures import PublishProcedure, RetireProcedure, SaveDraft
from commands.request import KeyRevoked, StaleVersion
from commands.runs import ApproveStep, CompleteStep
from commands.tenants import (
    ChoosePlan,
    DeactivateMember,
    InviteMember,
    ReactivateMember,
    RevokeApiKey,
    SetRoleHolders,
)
from domain.ids import MemberId
from domain.procedures.decisions import NotPublished
from domain.refusals import NotPermitted
from domain.runs.events import StepCompleted, StepReady
from domain.runs.guards import NotAssignee
from domain.tenants.decisions import SeatLimitReached
from domain.tenants.events import MemberInvited
from infra.ids import uuid7
from tests.commands.desks import Desk, desks, outcomes, refusal
from tests.people import (
    AIKO,
    BUNTA,
    COMPANY,
    CONTRACT,
    EMI,
    FUMIO,
    HR_MANAGER,
    IKUKO,
    JOINING,
    MONDAY,
    OFFER,
    PROCEDURE,
    TOKEN,
)

DONE = {"employment": "新卒"}


async def test_a_member_deactivated_elsewhere_can_do_nothing_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        await one.do(DeactivateMember(AIKO, leave_duties=True), by=EMI, reason="退職")
        assert type(await refusal(two.do(CompleteStep(run, OFFER, DONE)))) is NotPermitted
        assert not [e for e in await one.events(run) if isinstance(e, StepCompleted)]


async def test_a_member_taken_back_elsewhere_is_not_refused_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await one.do(DeactivateMember(AIKO, leave_duties=True), by=EMI, reason="退職")
        await two.look_at(run)
        await one.do(ReactivateMember(AIKO), by=EMI)
        assert (await two.do(CompleteStep(run, OFFER, DONE))).events


async def test_a_key_revoked_elsewhere_opens_nothing_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        await one.do(RevokeApiKey("key-of-aiko"), by=EMI, reason="漏えい")
        assert type(await refusal(two.do(CompleteStep(run, OFFER, DONE), key="key-of-aiko"))) is KeyRevoked


async def test_a_step_done_elsewhere_is_done_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        first = await one.do(CompleteStep(run, OFFER, DONE))
        again = await two.do(CompleteStep(run, OFFER, DONE))
        assert (again.events, again.version) == (0, first.version)


async def test_a_step_made_ready_elsewhere_is_ready_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        await one.do(CompleteStep(run, OFFER, DONE))
        assert (await two.do(ApproveStep(run, CONTRACT), by=BUNTA)).events


async def test_who_holds_a_role_is_known_as_of_the_append(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        await one.do(SetRoleHolders(HR_MANAGER, (FUMIO,)), by=BUNTA)
        await two.do(CompleteStep(run, OFFER, DONE))
        [ready] = [e for e in await one.events(run) if isinstance(e, StepReady) and e.step == CONTRACT]
        assert ready.assignee == FUMIO


async def test_a_procedure_retired_elsewhere_starts_nothing_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        await two.look_at(await one.start_run())
        await one.do(RetireProcedure(PROCEDURE), by=BUNTA, reason="廃止")
        assert type(await refusal(two.start_run())) is NotPublished


async def test_a_run_starts_with_the_version_published_last_anywhere(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        await two.look_at(await one.start_run())
        await one.do(SaveDraft(PROCEDURE, replace(JOINING, title="入社手続き 改")), by=BUNTA)
        await one.do(PublishProcedure(PROCEDURE), by=BUNTA)
        [started, *_] = await two.events(await two.start_run())
        assert (started.procedure_version, started.title) == (2, "入社手続き 改")


async def test_a_version_that_the_caller_saw_must_be_the_last_one_anywhere(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        before = (await one.do(CompleteStep(run, OFFER, DONE))).version
        stale = two.do(ApproveStep(run, CONTRACT), by=BUNTA, expected_version=before - 1)
        assert type(await refusal(stale)) is StaleVersion
        assert (await two.do(ApproveStep(run, CONTRACT), by=BUNTA, expected_version=before)).events


async def test_a_version_that_is_the_last_one_is_not_stale_for_a_stale_cache(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await two.look_at(run)
        now = (await one.do(CompleteStep(run, OFFER, DONE))).version
        assert (await two.do(ApproveStep(run, CONTRACT), by=BUNTA, expected_version=now)).events


def invitation(number: int, address: str = "new") -> InviteMember:
    member = MemberId(uuid7())
    return InviteMember(member, "新人", f"{address}{number}@ashiato.example", "member", None, TOKEN)


async def last_seat(desk: Desk) -> None:
    """All but one of the plan's seats are held."""
    tenant = await desk.side.commands.tenant(COMPANY)
    await desk.do(ChoosePlan("lite"), by=EMI)
    for number in range(19 - tenant.seats_held(MONDAY)):
        await desk.do(invitation(number, "early"), by=EMI)


async def test_of_200_invitations_to_the_last_seat_one_is_sent(database: str) -> None:
    async with desks(database, 2) as both:
        await last_seat(both[0])
        asked = (both[n % 2].do(invitation(n), by=EMI) for n in range(200))
        assert await outcomes(asked) == {"done": 1, "seat_limit_reached": 199}
        invited = [e for e in await both[0].events(COMPANY) if isinstance(e, MemberInvited)]
        assert len([e for e in invited if e.email.startswith("new")]) == 1


async def test_a_seat_that_became_free_elsewhere_is_free_here(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        await last_seat(one)
        await one.do(invitation(1), by=EMI)
        assert type(await refusal(two.do(invitation(2), by=EMI))) is SeatLimitReached
        await one.do(DeactivateMember(IKUKO, leave_duties=True), by=EMI, reason="退職")
        assert (await two.do(invitation(3), by=EMI)).events


@pytest.mark.parametrize("count", [1, 2], ids=["one-process", "two-processes"])
async def test_of_64_completions_of_a_step_one_is_recorded(database: str, count: int) -> None:
    async with desks(database, count) as some:
        run = await some[0].start_run()
        asked = [some[n % count].do(CompleteStep(run, OFFER, DONE)) for n in range(64)]
        assert await outcomes(asked) == {"done": 1, "so already": 63}
        assert len([e for e in await some[0].events(run) if isinstance(e, StepCompleted)]) == 1


async def test_of_64_different_completions_of_a_step_the_others_are_refused(database: str) -> None:
    async with desks(database, 2) as both:
        run = await both[0].start_run()
        asked = [
            both[n % 2].do(CompleteStep(run, OFFER, {"employment": "新卒", "contact": str(n)})) for n in range(64)
        ]
        assert await outcomes(asked) == {"done": 1, "step_not_ready": 63}


async def test_separation_of_duties_holds_across_processes(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        await one.do(CompleteStep(run, OFFER, DONE))
        await two.look_at(run)
        await one.do(SetRoleHolders(HR_MANAGER, (BUNTA, AIKO)), by=BUNTA)
        assert type(await refusal(two.do(ApproveStep(run, CONTRACT)))) is NotAssignee
