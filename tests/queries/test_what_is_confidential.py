"""What is confidential is left out of lists and counts; rows and states agree on who may see it."""

from contextlib import suppress
from datetime import timedelta

from commands import runs as r
from commands import tenants as t
from domain.confidential import may_see_procedure, may_see_run
from domain.ids import MemberId, RoleId, RunId, StepId
from domain.procedures.state import Procedure
from domain.refusals import Refusal
from domain.runs import state as runs
from domain.tenants import folding
from queries.departments import departments
from queries.members import members
from queries.procedures_list import procedures_list
from queries.progress_by_department import progress_by_department
from queries.progress_by_procedure import progress_by_procedure
from queries.run_detail import run_detail
from queries.run_list import run_list
from queries.seen import Viewer
from queries.who_sees import who_sees
from services.viewing import viewer_of
from tests.queries.chance import runs_by_chance
from tests.queries.playing import OFFBOARDING, PURCHASE, Company, World, world

BYSTANDER = Viewer("0199a000-0000-7000-8000-000000000999")


async def company_of(w: World) -> Company:
    company = await w.company()
    for definition in (OFFBOARDING, PURCHASE):
        procedure = await company.publish(definition)
        await company.start(procedure, "対象", company.today + timedelta(days=-30))
    await w.shown()
    return company


async def test_counts_of_procedures_leave_confidential_runs_out(database: str) -> None:
    async with world(database) as w:
        c = await company_of(w)
        rows = await progress_by_procedure(w.ask, c.tenant, today=c.today, viewer=BYSTANDER)
        assert [(row.title, row.open) for row in rows] == [("備品購入", 1)]
        assert len(await progress_by_procedure(w.ask, c.tenant, today=c.today)) == 2


async def test_counts_of_departments_leave_confidential_runs_out(database: str) -> None:
    async with world(database) as w:
        c = await company_of(w)
        for as_of in (None, c.at):
            rows = await progress_by_department(w.ask, c.tenant, today=c.today, viewer=BYSTANDER, as_of=as_of)
            assert [(row.department, row.late) for row in rows] == [("general-affairs", 1)]
        assert len(await progress_by_department(w.ask, c.tenant, today=c.today)) == 2


async def test_the_list_of_procedures_leaves_confidential_ones_out(database: str) -> None:
    async with world(database) as w:
        c = await company_of(w)
        for as_of in (None, c.at):
            rows = await procedures_list(w.ask, c.tenant, viewer=BYSTANDER, as_of=as_of)
            assert [row.title for row in rows] == ["備品購入"]
            holder = Viewer(BYSTANDER.member, ["it"])
            assert len(await procedures_list(w.ask, c.tenant, viewer=holder, as_of=as_of)) == 2


async def test_who_may_take_a_step_may_see_its_run(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        worker = await c.hire("情シスの人")
        await c.do(t.SetRoleHolders(RoleId("it"), (worker,)))
        run = await c.start(await c.publish(OFFBOARDING), "対象", c.today)
        viewer = Viewer(worker, ["it"])
        await w.shown()
        assert await run_detail(w.ask, c.tenant, run, today=c.today, viewer=viewer) is None
        for step in ("letter", "approval"):
            await c.do(r.SkipStep(run, StepId(step)), reason="テスト")
        await w.shown()
        assert await run_detail(w.ask, c.tenant, run, today=c.today, viewer=viewer) is not None
        await c.do(r.TakeStep(run, StepId("accounts")), worker)


async def test_rows_and_states_agree_on_who_may_see_a_run(database: str) -> None:
    async with world(database) as w:
        c = await runs_by_chance(w, 3, turns=100)
        people = [await c.hire(f"見る人{n}") for n in range(3)]
        outside = [await c.hire(f"外の人{n}", "partner") for n in range(3)]
        await c.do(t.SetRoleHolders(RoleId("it"), (people[0], outside[0])))
        await c.do(t.SetRoleHolders(RoleId("hr"), (people[1], outside[1])))
        for number in range(6):
            await _reassigned(c, people[2], number)
        for number in range(6, 10):
            await _reassigned(c, outside[2], number)
        for number in range(2):
            await _reassigned(c, people[1], number)
        await c.do(t.ChangePermission(people[1], "partner"), reason="転籍")
        await w.shown()
        events = await c.events()
        company = folding.fold(e for e, meta in events if meta.stream == c.tenant)
        states = {
            meta.stream: runs.fold(e for e, m in events if m.stream == meta.stream)
            for event, meta in events
            if event.type == "run.started"
        }
        definitions = {True: OFFBOARDING, False: PURCHASE}
        told = set()
        in_feeds = await who_sees(w.ask, c.tenant, [*states, *{state.procedure for state in states.values()}])
        for member in company.members.values():
            rows = await run_list(
                w.ask, c.tenant, today=c.today, viewer=viewer_of(company, member), limit=1000
            )
            seen = {
                run
                for run, state in states.items()
                if may_see_run(state, definitions[state.confidential], company, member)
            }
            assert {row.run_id for row in rows} == seen
            told_live = {id_ for id_, one in in_feeds.items() if one.sees(viewer_of(company, member))}
            assert told_live & {*states} == seen
            told.add((member.permission, len(seen)))
            found = await procedures_list(w.ask, c.tenant, viewer=viewer_of(company, member), limit=1000)
            if member.permission != "partner":
                assert {row.procedure_id for row in found} == told_live - {*states}
            if member.permission == "partner":
                assert {row.procedure_id for row in found} == {states[run].procedure for run in seen}
                await _nothing_else_is_counted(w, c, viewer_of(company, member), seen)
        assert len({count for _, count in told}) > 2
        assert len({count for permission, count in told if permission == "partner"}) > 2


async def _nothing_else_is_counted(w: World, c: Company, viewer: Viewer | None, seen: set[str]) -> None:
    """Counts, people and departments follow from the runs that are seen, now and as of now."""
    for as_of in (None, (await c.events())[-1][1].seq):
        rows = await progress_by_procedure(w.ask, c.tenant, today=c.today, viewer=viewer, as_of=as_of)
        assert sum(row.open + row.completed + row.cancelled for row in rows) == len(seen)
        listed = await run_list(w.ask, c.tenant, today=c.today, viewer=viewer, limit=1000, as_of=as_of)
        assert {row.run_id for row in listed} == seen
        shown = await departments(w.ask, c.tenant, viewer=viewer, as_of=as_of)
        assert {row.department for row in shown} == {row.department for row in listed}
        steps = [await run_detail(w.ask, c.tenant, run, today=c.today, viewer=viewer) for run in seen]
        on_them = {step.assignee for found in steps if found for step in found.steps}
        on_them |= {step.done_by for found in steps if found for step in found.steps}
        on_them |= {row.starter for row in listed} | {viewer.member if viewer else None}
        people = await members(w.ask, c.tenant, viewer=viewer, limit=1000, as_of=as_of)
        assert {row.member_id for row in people} == on_them - {None}
        assert {row.email for row in people} == {None}


async def _reassigned(c: Company, to: MemberId, number: int) -> None:
    """Some of the open runs come into the hands of a member."""
    ready = [meta.stream for event, meta in await c.events() if event.type == "run.step_ready"]
    run = ready[-1 - number]
    for step in ("letter", "approval", "insurance", "accounts", "request", "order"):
        with suppress(Refusal):
            await c.do(r.ReassignStep(RunId(run), StepId(step), to), reason="引継ぎ")


async def test_rows_and_states_agree_on_who_may_see_a_procedure(database: str) -> None:
    async with world(database) as w:
        c = await company_of(w)
        holder, other = await c.hire("持つ人"), await c.hire("ほかの人")
        await c.do(t.SetRoleHolders(RoleId("hr"), (holder,)))
        await w.shown()
        company = folding.fold(e for e, meta in await c.events() if meta.stream == c.tenant)
        for who, count in ((holder, 2), (other, 1), (c.owner, 2)):
            member = company.members[who]
            rows = await procedures_list(w.ask, c.tenant, viewer=viewer_of(company, member))
            seen = [d for d in (OFFBOARDING, PURCHASE) if may_see_procedure(Procedure(draft=d), company, member)]
            assert len(rows) == len(seen) == count
