"""A refusal on record is found with the run it was about, though it stands in a stream of its own."""

import pytest

from commands.runs import CompleteStep, SkipStep
from domain.ids import StepId
from domain.refusals import NotPermitted
from domain.runs.guards import NotAssignee
from queries.stream_version import stream_version
from queries.trail import TrailFilter, trail
from tests.queries.playing import PURCHASE, world


async def test_the_trail_of_a_run_holds_the_commands_that_were_refused(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        worker = await c.hire("出しゃばりな人")
        procedure = await c.publish(PURCHASE)
        run = await c.start(procedure, "椅子", c.today)
        other = await c.start(procedure, "机", c.today)
        with pytest.raises(NotPermitted):
            await c.do(SkipStep(run, StepId("request")), worker, "急ぐため")
        with pytest.raises(NotAssignee):
            await c.do(CompleteStep(run, StepId("request"), {}), worker)
        await w.shown()
        rows = await trail(w.ask, c.tenant, where=TrailFilter(stream=run), newest_first=False)
        refused = [row for row in rows if row.type == "command.refused"]
        assert [row.new["code"] for row in refused] == ["not_permitted", "not_assignee"]
        assert {row.subject for row in refused} == {"椅子"}
        assert {row.about_id for row in rows} == {run}
        there = await trail(w.ask, c.tenant, where=TrailFilter(stream=other))
        assert "command.refused" not in {row.type for row in there}
        assert await stream_version(w.ask, c.tenant, run, as_of=rows[-1].seq) == 2


async def test_entries_tell_runs_of_one_procedure_apart(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        procedure = await c.publish(PURCHASE)
        runs = {await c.start(procedure, subject, c.today): subject for subject in ("椅子", "机")}
        await w.shown()
        rows = await trail(w.ask, c.tenant)
        assert {row.about_id: row.subject for row in rows if row.stream_kind == "run"} == runs
        assert {row.subject for row in rows if row.stream_kind != "run"} == {None}
