"""Handing over on real PostgreSQL: what moves, what stays, how it is undone, and what others do meanwhile."""

import asyncio
from dataclasses import replace

from commands.duties import HandOver, MoveSteps, UndoHandover
from commands.runs import CompleteStep, ReassignStep
from commands.tenants import ChangePermission, DeactivateMember, SetRoleHolders
from domain.duties.handing_over import HandoverToSelf, HandoverToUnfit
from domain.duties.leaving import DutiesOpen
from domain.duties.moving import CannotMove, Move
from domain.ids import CommandId, MemberId, RunId
from domain.refusals import NotFound, NotPermitted, ReasonMissing
from domain.runs.events import StepReady, StepReassigned
from domain.tenants.duty_events import HandedOver, HandoverUndone, RoleHoldersSet
from domain.tenants.events import MemberDeactivated
from domain.tenants.handovers import Rule, Staying
from infra.ids import uuid7
from tests.commands.desks import Desk, desks, refusal
from tests.people import (
    AIKO,
    BUNTA,
    CHIE,
    COMPANY,
    CONTRACT,
    DAIKI,
    EMI,
    GORO,
    HANA,
    HR,
    HR_MANAGER,
    IKUKO,
    KANA,
    OFFER,
    STRANGER,
)

DONE = {"employment": "新卒"}
WHY = {"reason": "異動"}


def all_to(*members: MemberId) -> HandOver:
    """Everything of Aiko's to these."""
    return HandOver(AIKO, (Rule(members),))


async def handed_over(desk: Desk, command: HandOver, by: MemberId = BUNTA) -> CommandId:
    """Carry a handover out: its id."""
    return (await desk.do(command, by=by, **WHY)).command


async def of_kind(desk: Desk, stream: str, kind: type) -> list[object]:
    return [event for event in await desk.events(stream) if isinstance(event, kind)]


async def test_everything_goes_to_one(database: str) -> None:
    async with desks(database, 1) as [desk]:
        runs = [await desk.start_run() for _ in range(3)]
        receipt = await desk.do(all_to(IKUKO), by=BUNTA, **WHY)
        assert receipt.events == 3 + 1 + 1
        for run in runs:
            assert (await desk.events(run))[-1] == StepReassigned(OFFER, AIKO, IKUKO)
        assert await of_kind(desk, COMPANY, HandedOver)
        assert (await desk.events(COMPANY))[-2] == RoleHoldersSet(HR, (AIKO, IKUKO), (IKUKO,))


async def test_every_event_of_a_handover_is_under_its_id(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run = await desk.start_run()
        handover = await handed_over(desk, all_to(IKUKO))
        done = await desk.side.reader.done_by(COMPANY, handover)
        assert [new.stream for new in done] == [run, COMPANY, COMPANY]
        assert isinstance(done[-1].event, HandedOver)
        assert done[-1].event.handover == handover


async def test_steps_go_evenly_to_several(database: str) -> None:
    async with desks(database, 1) as [desk]:
        for _ in range(6):
            await desk.start_run()
        await desk.do(all_to(CHIE, DAIKI, IKUKO), by=BUNTA, **WHY)
        [done] = await of_kind(desk, COMPANY, HandedOver)
        assert [receiver.steps for receiver in done.receivers] == [2, 2, 2]  # type: ignore[attr-defined]


async def test_work_that_comes_back_goes_to_the_successor(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run = await desk.start_run()
        await desk.do(CompleteStep(run, OFFER, DONE))
        await handed_over(desk, all_to(GORO))
        from commands.runs import RejectStep

        await desk.do(RejectStep(run, CONTRACT), by=BUNTA, reason="誤り")
        [*_, again] = await of_kind(desk, run, StepReady)
        assert (again.assignee, again.rule) == (GORO, "handover")  # type: ignore[attr-defined]


async def test_a_check_does_not_go_to_who_did_the_work(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run = await desk.start_run()
        await desk.do(CompleteStep(run, OFFER, DONE))
        receipt = await desk.do(HandOver(BUNTA, (Rule((AIKO,)),)), by=EMI, **WHY)
        [done] = await of_kind(desk, COMPANY, HandedOver)
        assert done.stays == (Staying("same_actor", run, CONTRACT, HR_MANAGER),)  # type: ignore[attr-defined]
        assert receipt.events == 2


async def test_what_cannot_be_handed_over_is_refused_and_changes_nothing(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run = await desk.start_run()
        before = [len(await desk.events(stream)) for stream in (run, COMPANY)]
        for command, by, expected in (
            (all_to(AIKO), BUNTA, HandoverToSelf),
            (all_to(HANA), BUNTA, HandoverToUnfit),
            (all_to(KANA), BUNTA, HandoverToUnfit),
            (all_to(STRANGER), BUNTA, NotFound),
            (HandOver(STRANGER, (Rule((AIKO,)),)), BUNTA, NotFound),
            (all_to(IKUKO), CHIE, NotPermitted),
            (all_to(IKUKO), HANA, NotPermitted),
        ):
            assert type(await refusal(desk.do(command, by=by, **WHY))) is expected
        assert type(await refusal(desk.do(all_to(IKUKO), by=BUNTA))) is ReasonMissing
        assert [len(await desk.events(stream)) for stream in (run, COMPANY)] == before


async def test_a_handover_again_is_already_so(database: str) -> None:
    async with desks(database, 1) as [desk]:
        await desk.start_run()
        await handed_over(desk, all_to(IKUKO))
        assert (await desk.do(all_to(IKUKO), by=BUNTA, **WHY)).events == 0


async def test_undoing_gives_back_what_is_still_as_it_was_left(database: str) -> None:
    async with desks(database, 1) as [desk]:
        kept, done, moved = [await desk.start_run() for _ in range(3)]
        handover = await handed_over(desk, all_to(IKUKO))
        await desk.do(CompleteStep(done, OFFER, DONE), by=IKUKO)
        await desk.do(ReassignStep(moved, OFFER, GORO), by=BUNTA, **WHY)
        await desk.do(UndoHandover(handover), by=BUNTA, **WHY)
        assert (await desk.events(kept))[-1] == StepReassigned(OFFER, IKUKO, AIKO)
        [undone] = await of_kind(desk, COMPANY, HandoverUndone)
        assert {(s.run, s.why) for s in undone.stays} == {(done, "done"), (moved, "reassigned")}  # type: ignore[attr-defined]
        assert (await desk.events(COMPANY))[-2] == RoleHoldersSet(HR, (IKUKO,), (AIKO, IKUKO))
        assert (await desk.do(UndoHandover(handover), by=BUNTA, **WHY)).events == 0
        assert type(await refusal(desk.do(UndoHandover(uuid7()), by=BUNTA, **WHY))) is NotFound


async def test_a_member_with_duties_is_not_deactivated(database: str) -> None:
    async with desks(database, 1) as [desk]:
        run = await desk.start_run()
        refused = await refusal(desk.do(DeactivateMember(AIKO), by=EMI, reason="退職"))
        assert type(refused) is DutiesOpen
        assert (refused.facts["steps"], refused.facts["roles"]) == (1, (HR,))
        assert refused.facts["open_steps"] == [{"run": run, "step": OFFER}]
        assert not [e for e in await of_kind(desk, COMPANY, MemberDeactivated) if e.member == AIKO]  # type: ignore[attr-defined]


async def test_nobody_becomes_an_auditor_while_a_step_is_theirs(database: str) -> None:
    async with desks(database, 1) as [desk]:
        await desk.start_run()
        refused = await refusal(desk.do(ChangePermission(AIKO, "auditor"), by=EMI, reason="監査室へ異動"))
        assert type(refused) is DutiesOpen
        assert refused.facts["steps"] == 1
        assert (await desk.do(ChangePermission(AIKO, "partner"), by=EMI, reason="担当の変更")).events
        await handed_over(desk, all_to(IKUKO))
        assert (await desk.do(ChangePermission(AIKO, "auditor"), by=EMI, reason="監査室へ異動")).events


async def test_a_member_leaves_after_a_handover_or_with_one(database: str) -> None:
    async with desks(database, 1) as [desk]:
        await desk.start_run()
        handover = await handed_over(desk, all_to(IKUKO))
        await desk.do(DeactivateMember(AIKO, handover=handover), by=EMI, reason="退職")
        receipt = await desk.do(DeactivateMember(IKUKO, (Rule((CHIE,)),)), by=EMI, reason="退職")
        assert receipt.events == 1 + 1 + 1 + 1
        done = await desk.side.reader.done_by(COMPANY, receipt.command)
        assert [new.event.type for new in done] == [
            "run.step_reassigned",
            "tenant.member_deactivated",
            "tenant.role_holders_set",
            "tenant.handed_over",
        ]


async def test_a_directory_leaves_duties_behind(database: str) -> None:
    async with desks(database, 1) as [desk]:
        await desk.start_run()
        assert (await desk.do(DeactivateMember(AIKO, leave_duties=True), by=EMI, reason="退職")).events
        receipt = await desk.do(all_to(IKUKO), by=BUNTA, **WHY)
        assert receipt.events == 3


async def test_a_step_that_becomes_ready_meanwhile_is_not_lost(database: str) -> None:
    """Between the look and the append a run starts, and a step is given by hand, at another desk."""
    async with desks(database, 2) as [one, two]:
        runs = [await one.start_run()]
        many = one.side.commands._many
        looked = many.look

        async def slow_look(*asked: object) -> object:
            view = await looked(*asked)  # type: ignore[arg-type]
            runs.append(await two.start_run())
            other = await two.start_run()
            await two.do(ReassignStep(other, OFFER, IKUKO), by=BUNTA, **WHY)
            await two.do(ReassignStep(other, OFFER, AIKO), by=BUNTA, **WHY)
            runs.append(other)
            return view

        many.look = slow_look  # type: ignore[method-assign,assignment]
        await one.do(all_to(IKUKO), by=BUNTA, **WHY)
        for run in runs:
            assert (await one.events(run))[-1] == StepReassigned(OFFER, AIKO, IKUKO)


async def test_nobody_is_deactivated_while_a_step_becomes_theirs(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        await one.do(SetRoleHolders(HR, (IKUKO,)), by=BUNTA)
        run = await two.start_run()
        many = one.side.commands._many
        looked = many.look

        async def slow_look(*asked: object) -> object:
            view = await looked(*asked)  # type: ignore[arg-type]
            await two.do(ReassignStep(run, OFFER, AIKO), by=BUNTA, **WHY)
            return view

        many.look = slow_look  # type: ignore[method-assign,assignment]
        refused = await refusal(one.do(DeactivateMember(AIKO), by=EMI, reason="退職"))
        assert type(refused) is DutiesOpen
        assert refused.facts["open_steps"] == [{"run": run, "step": OFFER}]


async def test_steps_move_all_or_none(database: str) -> None:
    async with desks(database, 1) as [desk]:
        one, two = [await desk.start_run() for _ in range(2)]
        await desk.do(CompleteStep(two, OFFER, DONE))
        moves = MoveSteps((Move(one, OFFER, IKUKO), Move(two, CONTRACT, AIKO)))
        refused = await refusal(desk.do(moves, by=BUNTA, **WHY))
        assert type(refused) is CannotMove
        assert refused.facts["problems"] == [{"run": two, "step": CONTRACT, "why": "same_actor"}]
        moves = replace(moves, moves=(moves.moves[0], Move(two, CONTRACT, EMI)))
        assert (await desk.do(moves, by=BUNTA, **WHY)).events == 2
        assert (await desk.do(moves, by=BUNTA, **WHY)).events == 0
        unknown = MoveSteps((Move(RunId(uuid7()), OFFER, IKUKO),))
        assert type(await refusal(desk.do(unknown, by=BUNTA, **WHY))) is NotFound


async def test_two_handovers_of_the_same_at_once_are_one(database: str) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        receipts = await asyncio.gather(*(desk.do(all_to(IKUKO), by=BUNTA, **WHY) for desk in (one, two)))
        assert sorted(receipt.events for receipt in receipts) == [0, 3]
        assert len(await of_kind(one, run, StepReassigned)) == 1
