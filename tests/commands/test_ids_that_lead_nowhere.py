"""An id that is unknown, someone else's, or of another kind of thing gets one and the same answer."""

from datetime import date

import pytest

from commands.catalogue import Command
from commands.procedures import PublishProcedure, SaveDraft
from commands.runs import Comment, CompleteStep, StartRun
from domain.ids import ProcedureId, RunId, TenantId
from domain.refusals import NotFound
from infra.ids import uuid7
from tests.commands.desks import desks, refusal, settle
from tests.people import BUNTA, COMPANY, JOINING, JOINING_DAY, OFFER, PROCEDURE

OTHERS = TenantId("0199a000-0000-7000-8000-000000000999")
DAYS = {JOINING_DAY: date(2026, 5, 1)}


async def test_a_run_of_another_company_is_as_unknown_as_none(database: str) -> None:
    async with desks(database, 1) as [desk]:
        await settle(desk.side, OTHERS)
        theirs = RunId(uuid7())
        await desk.do(StartRun(theirs, PROCEDURE, "他社", DAYS), tenant=OTHERS)
        foreign = await refusal(desk.do(CompleteStep(theirs, OFFER, {})))
        unknown = await refusal(desk.do(CompleteStep(RunId(uuid7()), OFFER, {})))
        assert type(foreign) is type(unknown) is NotFound
        assert (foreign.sentence, foreign.facts) == (unknown.sentence, unknown.facts)


async def test_a_procedure_of_another_company_is_as_unknown_as_none(database: str) -> None:
    async with desks(database, 1) as [desk]:
        theirs = ProcedureId(uuid7())
        await settle(desk.side, OTHERS)
        await desk.do(SaveDraft(theirs, JOINING), tenant=OTHERS, by=BUNTA)
        foreign = await refusal(desk.do(PublishProcedure(theirs), by=BUNTA))
        unknown = await refusal(desk.do(PublishProcedure(ProcedureId(uuid7())), by=BUNTA))
        assert type(foreign) is type(unknown) is NotFound
        assert (foreign.sentence, foreign.facts) == (unknown.sentence, unknown.facts)


async def test_a_run_may_have_the_id_of_another_companys(database: str) -> None:
    async with desks(database, 1) as [desk]:
        await settle(desk.side, OTHERS)
        run = RunId(uuid7())
        await desk.do(StartRun(run, PROCEDURE, "他社", DAYS), tenant=OTHERS)
        assert (await desk.do(StartRun(run, PROCEDURE, "自社", DAYS))).version == 2


def of_another_kind(run: RunId) -> dict[str, Command]:
    return {
        "a run that is a procedure": Comment(RunId(PROCEDURE), None, "x"),
        "a run that is a company": Comment(RunId(COMPANY), None, "x"),
        "a new run that is a procedure": StartRun(RunId(PROCEDURE), PROCEDURE, "x", DAYS),
        "a new run that is a company": StartRun(RunId(COMPANY), PROCEDURE, "x", DAYS),
        "a procedure that is a run": StartRun(RunId(uuid7()), ProcedureId(run), "x", DAYS),
        "a procedure that is a company": StartRun(RunId(uuid7()), ProcedureId(COMPANY), "x", DAYS),
        "a draft that is a run": SaveDraft(ProcedureId(run), JOINING),
        "a draft that is a company": SaveDraft(ProcedureId(COMPANY), JOINING),
    }


@pytest.mark.parametrize("cached", [False, True], ids=["not-in-the-cache", "in-the-cache"])
@pytest.mark.parametrize("case", of_another_kind(RunId(uuid7())))
async def test_an_id_of_another_kind_of_thing_is_unknown(database: str, case: str, cached: bool) -> None:
    async with desks(database, 2) as [one, two]:
        run = await one.start_run()
        if cached:
            await two.look_at(run)
        assert type(await refusal(two.do(of_another_kind(run)[case], by=BUNTA))) is NotFound
