"""The scheduler gives each command once, at its time or late, whatever else fails."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from commands import plans as pl
from commands import tenants as t
from commands.directory import ProvisionMember
from domain.events import Event, Meta
from domain.ids import MemberId
from domain.services import SCHEDULER, SERVICES_MAY
from domain.tenants import events as e
from domain.tenants import plan_events as p
from domain.tenants.provisioning import Profile
from infra.read_store.deadlines import Deadline
from projections.deadlines import KINDS
from queries.plan import plan_now
from services import scheduling
from services.bootstrap import write_side
from services.scheduler import Scheduler
from services.scheduling import command_id, command_of
from tests.queries.playing import Company, World, world

WHY = "経費削減"


def scheduler(w: World, at: datetime) -> Scheduler:
    """A scheduler whose clock stands still."""
    return Scheduler(w.dsn, w.commands, lambda: at, simulated=True)


@asynccontextmanager
async def connection(dsn: str) -> AsyncIterator[AsyncConnection[Any]]:
    async with await AsyncConnection.connect(dsn, autocommit=True) as opened:
        yield opened


async def go(w: World, at: datetime, *schedulers: Scheduler) -> None:
    """Let schedulers look once, all at the same time, with read models up to date before and after."""
    await w.shown()
    async with connection(w.dsn) as first, connection(w.dsn) as second:
        looks = zip(schedulers or (scheduler(w, at),), (first, second), strict=False)
        await asyncio.gather(*(one.once(by) for one, by in looks))
    w.last = max(w.last, at)
    await w.shown()


async def by_the_scheduler(company: Company) -> list[tuple[Event, Meta]]:
    return [(event, meta) for event, meta in await company.events() if meta.actor == SCHEDULER.id]


def test_every_kind_of_deadline_leads_to_a_command_of_the_scheduler() -> None:
    assert set(scheduling.COMMANDS) == set(KINDS)
    for kind in KINDS:
        command = command_of(Deadline("t", kind, "s", datetime(2026, 4, 1, tzinfo=UTC)))
        assert SERVICES_MAY[command.name] == SCHEDULER


def test_an_id_follows_from_the_deadline_alone() -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    one = Deadline("t", "trial", "s", at)
    others = [
        Deadline("u", "trial", "s", at),
        Deadline("t", "invitation", "s", at),
        Deadline("t", "trial", "r", at),
        Deadline("t", "trial", "s", at + timedelta(microseconds=1)),
    ]
    assert len({command_id(deadline) for deadline in (one, *others)}) == 5
    assert command_id(one) == command_id(Deadline("t", "trial", "s", at.astimezone()))


async def test_what_is_due_happens_and_what_is_not_waits(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        invited = await company.invite("招待 された人")
        expires, ends = company.at + timedelta(days=7), datetime(2024, 4, 22, 15, tzinfo=UTC)
        for moment in (expires - timedelta(seconds=1), expires, ends - timedelta(seconds=1), ends):
            await go(w, moment)
        assert [(event, meta.recorded_at) for event, meta in await by_the_scheduler(company)] == [
            (e.InvitationExpired(invited), expires),
            (p.TrialEnded(ends), ends),
        ]


async def test_what_was_missed_happens_late(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await company.invite("招待 された人")
        await go(w, company.at + timedelta(days=90))
        assert [type(event) for event, _ in await by_the_scheduler(company)] == [e.InvitationExpired, p.TrialEnded]


async def test_an_invitation_that_was_accepted_and_a_trial_that_led_to_a_plan_end_in_nothing(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await company.hire("働く 人")
        await company.do(t.ChoosePlan("lite"))
        await go(w, company.at + timedelta(days=90))
        assert await by_the_scheduler(company) == []


async def test_an_invitation_that_the_directory_used_up_does_not_expire(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        invited = await company.invite("招待 された人")
        await company.do(t.ChoosePlan("lite"))
        await company.do(ProvisionMember(MemberId(company.new_id()), Profile(email=f"{invited}@people.example")))
        await go(w, company.at + timedelta(days=90))
        assert await by_the_scheduler(company) == []
        assert (await w.commands.tenant(company.tenant, 0.0)).is_active(invited)


async def test_two_at_once_do_each_thing_once(database: str) -> None:
    async with world(database) as w, write_side(database) as elsewhere:
        companies = [await w.company() for _ in range(3)]
        invited = [await company.invite("人") for company in companies for _ in range(4)]
        at = w.last + timedelta(days=60)
        await go(w, at, scheduler(w, at), Scheduler(database, elsewhere.commands, lambda: at, simulated=True))
        events = [event for company in companies for event, _ in await by_the_scheduler(company)]
        assert Counter(ev.member for ev in events if isinstance(ev, e.InvitationExpired)) == Counter(invited)
        assert sum(isinstance(ev, p.TrialEnded) for ev in events) == 3
        assert len(events) == len(invited) + 3


async def test_what_was_done_already_is_not_done_again_by_a_read_model_that_lags(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        at = company.at + timedelta(days=60)
        await w.shown()
        first = scheduler(w, at)
        async with connection(database) as asked:
            assert [await scheduler(w, at).once(asked) for _ in range(2)] == [1, 1]
            assert [await first.once(asked) for _ in range(2)] == [1, 0]
        assert len(await by_the_scheduler(company)) == 1


async def test_a_deadline_that_fails_holds_up_no_other_and_is_tried_again_after_a_pause(database: str) -> None:
    async with world(database) as w:
        company, other = await w.company(), await w.company()
        await w.shown()
        with psycopg.connect(database, autocommit=True) as asked:
            asked.execute("UPDATE deadlines.deadline SET kind = 'unheard of' WHERE tenant_id = %s", (other.tenant,))
        times = [company.at + timedelta(days=60, seconds=seconds) for seconds in (0, 0.5, 1.0, 2.9, 3.0)]
        clock = iter([*times])
        one = Scheduler(database, w.commands, lambda: next(clock), simulated=True)
        async with connection(database) as asked:
            tried = [await one.once(asked) for _ in times]
        assert [type(event) for event, _ in await by_the_scheduler(company)] == [p.TrialEnded]
        assert (tried, one.failures, one.carried_out) == ([2, 0, 1, 0, 1], 3, 1)


async def test_more_than_a_batch_is_gone_through(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.scheduler.BATCH", 3)
    async with world(database) as w:
        company = await w.company()
        invited = [await company.invite("人") for _ in range(10)]
        await go(w, company.at + timedelta(days=60))
        expired = [event.member for event, _ in await by_the_scheduler(company) if hasattr(event, "member")]
        assert sorted(expired) == sorted(invited)


ZONES = {
    "Asia/Kathmandu": datetime(2024, 4, 30, 18, 15, tzinfo=UTC),
    "Pacific/Kiritimati": datetime(2024, 4, 30, 10, 0, tzinfo=UTC),
    "America/New_York": datetime(2024, 5, 1, 4, 0, tzinfo=UTC),
}


async def test_a_smaller_plan_comes_with_the_month_of_each_companys_zone(database: str) -> None:
    async with world(database) as w:
        companies = {zone: await w.company(zone) for zone in ZONES}
        for company in companies.values():
            await company.do(t.ChoosePlan("standard"))
            await company.do(t.ChoosePlan("lite"), reason=WHY)
        for moment in sorted(ZONES.values()):
            for at in (moment - timedelta(seconds=1), moment):
                await go(w, at)
                chosen = {z: [m.recorded_at for ev, m in await by_the_scheduler(c)] for z, c in companies.items()}
                assert chosen == {zone: [then] if then <= at else [] for zone, then in ZONES.items()}


async def test_a_smaller_plan_that_does_not_fit_any_more_is_refused_and_shown(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await company.do(t.ChoosePlan("standard"))
        await company.do(t.ChoosePlan("lite"), reason=WHY)
        people = [await company.hire(f"人{n}") for n in range(20)]
        await go(w, datetime(2024, 4, 30, 15, tzinfo=UTC))
        [(event, _)] = await by_the_scheduler(company)
        assert event == p.PlanChangeRefused("standard", "lite", 20, 1, (company.owner, *people))
        found = await plan_now(w.ask, company.tenant)
        assert found is not None
        assert (found.plan, found.pending, found.refused_plan, found.refused_surplus) == ("standard", None, "lite", 1)


async def test_a_cancellation_makes_the_company_read_only_and_a_plan_writable_again(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await company.do(t.ChoosePlan("lite"))
        await company.do(pl.CancelPlan(), reason=WHY)
        await go(w, datetime(2024, 4, 30, 15, tzinfo=UTC))
        tenant = await w.commands.tenant(company.tenant, 0.0)
        assert tenant.read_only(w.last) == "cancelled"
        await company.do(t.ChoosePlan("lite"))
        assert (await w.commands.tenant(company.tenant, 0.0)).is_writable(w.last)


async def test_it_sleeps_until_the_next_deadline_and_never_for_long(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await w.shown()
        ends = datetime(2024, 4, 22, 15, tzinfo=UTC)
        async with connection(database) as asked:
            for before, seconds in ((20.0, 20.0), (0.001, 0.5), (3600.0, 30.0)):
                one = scheduler(w, ends - timedelta(seconds=before))
                assert await one._seconds_to_next(asked) == pytest.approx(seconds)
        assert company.at < ends
