"""The trail: one entry for each event, in order, found by who, whom, what, when and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from commands.runs import ReassignStep, SkipStep
from commands.tenants import DeactivateMember
from domain.ids import StepId
from infra.read_store.asking import AsOfUnknown
from queries.instant import instant_of
from queries.trail import TrailFilter, TrailRow, trail
from tests.queries.chance import runs_by_chance
from tests.queries.playing import OFFBOARDING, Company, World, world


async def entries(w: World, company: Company, where: TrailFilter, page: int = 1000, up: bool = True) -> list[TrailRow]:
    """All of them, page by page."""
    found: list[TrailRow] = []
    while True:
        after = found[-1].seq if found else None
        rows = await trail(w.ask, company.tenant, where=where, newest_first=not up, limit=page, after=after)
        if not rows:
            return found
        found += rows


async def test_every_event_is_there_once_in_either_direction_and_any_page(database: str) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 1, turns=40)
        await w.shown()
        events = await company.events()
        seqs = [meta.seq for _, meta in events]
        for page in (7, 1000):
            assert [e.seq for e in await entries(w, company, TrailFilter(), page)] == seqs
            assert [e.seq for e in await entries(w, company, TrailFilter(), page, up=False)] == seqs[::-1]


async def test_each_filter_leaves_what_it_names(database: str) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 2, turns=60)
        await w.shown()
        every = await entries(w, company, TrailFilter())
        some = next(e for e in every if e.type == "run.step_completed")
        start, end = every[20].recorded_at, every[-20].recorded_at

        async def seqs(where: TrailFilter) -> list[int]:
            return [e.seq for e in await entries(w, company, where)]

        assert await seqs(TrailFilter(stream=some.stream_id)) == [
            e.seq for e in every if e.about_id == some.stream_id
        ]
        assert await seqs(TrailFilter(actor=some.actor)) == [e.seq for e in every if e.actor == some.actor]
        assert await seqs(TrailFilter(member=some.actor)) == [e.seq for e in every if e.member_id == some.actor]
        assert await seqs(TrailFilter(step="letter")) == [e.seq for e in every if e.step_id == "letter"]
        kinds = ("run.started", "run.cancelled")
        assert await seqs(TrailFilter(types=kinds)) == [e.seq for e in every if e.type in kinds]
        assert await seqs(TrailFilter(types=())) == []
        assert await seqs(TrailFilter(since=start, until=end)) == [
            e.seq for e in every if start <= e.recorded_at < end
        ]


async def test_a_reason_is_found_by_a_part_of_it_whatever_the_case(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        run = await company.start(await company.publish(OFFBOARDING), "対象", company.today)
        receipt = await company.do(SkipStep(run, StepId("letter")), reason="100% Paper_work ではない")
        await w.shown()
        for text in ("paper_WORK", "100%", "ではない"):
            found = await entries(w, company, TrailFilter(reason=text))
            assert receipt.seq in {e.seq for e in found}
        assert await entries(w, company, TrailFilter(reason="Paper work")) == []


async def test_entries_carry_the_names_that_ids_go_by(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        helper = await company.hire("助っ人 花子")
        run = await company.start(await company.publish(OFFBOARDING), "対象", company.today)
        await company.do(ReassignStep(run, StepId("letter"), helper), reason="休みのため")
        await w.shown()
        (entry,) = await entries(w, company, TrailFilter(types=("run.step_reassigned",)))
        assert (entry.actor_name, entry.member_name) == ("青木 愛子", "助っ人 花子")
        assert (entry.stream_title, entry.step_title, entry.confidential) == ("退職手続き", "退職届の受理", True)


async def test_as_of_then_nothing_later_is_there(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        member = await company.hire("一時の人")
        then = company.at
        company.later(days=3)
        await company.do(DeactivateMember(member), reason="退職")
        await w.shown()
        now = await trail(w.ask, company.tenant)
        past = await trail(w.ask, company.tenant, as_of=then)
        assert len(now) == len(past) + 2
        assert all(entry.recorded_at <= then for entry in past)


async def test_the_trail_of_one_tenant_holds_nothing_of_another(database: str) -> None:
    async with world(database) as w:
        mine, theirs = await w.company(), await w.company()
        run = await theirs.start(await theirs.publish(OFFBOARDING), "よその人", theirs.today)
        await w.shown()
        assert await entries(w, mine, TrailFilter(stream=run)) == []
        names = replace(TrailFilter(), actor=theirs.owner)
        assert await entries(w, mine, names) == []


async def test_a_sequence_is_told_as_an_instant(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        company.later(days=2)
        receipt = await company.do(DeactivateMember(await company.hire("誰か")), reason="退職")
        await w.shown()
        assert await instant_of(w.ask, company.tenant, receipt.seq) == company.at
        with pytest.raises(AsOfUnknown):
            await instant_of(w.ask, company.tenant, receipt.seq + 1)
        assert await instant_of(w.ask, company.tenant, 0) is None
        assert company.at - timedelta(days=2) == await instant_of(w.ask, company.tenant, 1)
