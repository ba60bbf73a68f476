"""Work goes by load: what read models count, and what was given out since."""

from dataclasses import replace
from datetime import date

from commands.procedures import PublishProcedure, SaveDraft
from commands.runs import StartRun
from domain.ids import ProcedureId, RunId
from domain.runs.events import StepReady
from infra.ids import uuid7
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from services.database import prepare
from tests.commands.desks import Desk, desks
from tests.people import AIKO, BUNTA, HR, IKUKO, JOINING, JOINING_DAY

JOINING_DATE = date(2026, 5, 1)
BY_LOAD = replace(
    JOINING, roles=tuple(replace(role, rule="least_loaded") if role.id == HR else role for role in JOINING.roles)
)


async def procedure_by_load(desk: Desk) -> ProcedureId:
    procedure = ProcedureId(uuid7())
    await desk.do(SaveDraft(procedure, BY_LOAD), by=BUNTA)
    await desk.do(PublishProcedure(procedure), by=BUNTA)
    return procedure


async def given_to(desk: Desk, procedure: ProcedureId) -> tuple[str | None, str]:
    """Who gets the first step of a new run."""
    run = RunId(uuid7())
    await desk.do(StartRun(run, procedure, "新人", {JOINING_DAY: JOINING_DATE}))
    [ready] = [event for event in await desk.events(run) if isinstance(event, StepReady)]
    return ready.assignee, ready.rule


async def test_new_steps_even_out_what_people_have(database: str) -> None:
    prepare(database)
    async with desks(database, 1) as [desk]:
        for _ in range(3):
            await desk.start_run()  # goes to Aiko, the first who holds the role
        procedure = await procedure_by_load(desk)
        with Live(database, PROJECTIONS) as live:
            while live.step():
                pass
        found = [await given_to(desk, procedure) for _ in range(5)]
    assert [assignee for assignee, _ in found] == [IKUKO, IKUKO, IKUKO, AIKO, IKUKO]
    assert [rule for _, rule in found] == [f"least_loaded:{seen}" for seen in (0, 1, 2, 3, 3)]
