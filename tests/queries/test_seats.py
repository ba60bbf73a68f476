"""Seats: every number is what a recount of the log by the domain's own rules gives."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from domain.events import Event, Meta
from domain.tenants.folding import fold
from queries.seat_ledger import month_bounds
from queries.seats import seat_holders, seat_month, seat_usage
from tests.queries.chance import seats_by_chance
from tests.queries.playing import Company, World, world

History = list[tuple[Event, Meta]]
SEEDS = range(3)


def held(history: History, at: datetime) -> int:
    """Seats held at an instant, by folding the tenant as commands see it."""
    return fold(event for event, meta in history if meta.recorded_at <= at).seats_held(at)


def moments(history: History, start: datetime, end: datetime) -> list[datetime]:
    """The instants at which the number of seats may change, within a span."""
    expiries = [event.expires_at for event, _ in history if getattr(event, "expires_at", None)]
    known = {start, *expiries, *(meta.recorded_at for _, meta in history)}
    return sorted(at for at in known if start <= at < end)


def instants(history: History, seed: int) -> list[datetime]:
    """Instants of the history, some of them exactly an event's or an expiry's."""
    chance = Random(seed)
    first, last = history[0][1].recorded_at, history[-1][1].recorded_at
    anywhere = [first + (last - first) * chance.random() for _ in range(6)]
    return [*chance.sample(moments(history, first, last), 8), *anywhere, last]


async def played(of: World, seed: int) -> tuple[Company, History]:
    company = await seats_by_chance(of, seed)
    await of.shown()
    return company, await company.events()


@pytest.mark.parametrize("seed", SEEDS)
async def test_seats_held_at_any_instant_equal_a_recount(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for at in instants(history, seed):
            usage = await seat_usage(w.ask, company.tenant, at=at)
            assert usage is not None
            assert (usage.held, usage.active + usage.invited) == (held(history, at), held(history, at))


@pytest.mark.parametrize("seed", SEEDS)
async def test_as_of_an_instant_gives_what_looking_back_gives(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for at in instants(history, seed):
            then = await seat_holders(w.ask, company.tenant, at=at, as_of=at)
            assert then == await seat_holders(w.ask, company.tenant, at=at)
            assert len(then) == held(history, at)


@pytest.mark.parametrize("seed", SEEDS)
async def test_as_of_a_sequence_counts_what_was_recorded_until_then(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for event, meta in Random(seed).sample(history[3:], 8):
            usage = await seat_usage(w.ask, company.tenant, at=meta.recorded_at, as_of=meta.seq)
            until = [e for e, m in history if m.seq <= meta.seq]
            assert usage is not None
            assert usage.held == fold(until).seats_held(meta.recorded_at), event


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_months_peak_equals_a_recount(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for at in instants(history, seed):
            month = company.today.replace(day=1) - timedelta(days=20)
            start, end = month_bounds(month, "Asia/Tokyo")
            found = await seat_month(w.ask, company.tenant, month=month, time_zone="Asia/Tokyo", at=at)
            counts = [held(history, m) for m in moments(history, start, end) if m <= at]
            assert found.peak == max(counts, default=0)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_months_seat_days_equal_a_recount(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        start, _ = month_bounds(company.today, "Asia/Tokyo")
        found = await seat_month(
            w.ask, company.tenant, month=company.today, time_zone="Asia/Tokyo", at=company.at
        )
        points = [*moments(history, start, company.at), company.at]
        spans = pairwise(points)
        naive = sum((held(history, a) * (b - a).total_seconds() for a, b in spans), 0.0) / 86_400
        assert found.seat_days == pytest.approx(naive, abs=0.001)


async def test_each_holder_names_the_event_that_gave_the_seat(database: str) -> None:
    async with world(database) as w:
        company, history = await played(w, 99)
        events = {meta.seq: event for event, meta in history}
        holders = await seat_holders(w.ask, company.tenant, at=company.at)
        assert {h.since_type for h in holders} <= {event.type for event in events.values()}
        assert all(h.since_type == events[h.since_seq].type for h in holders)
        assert all(events[h.since_seq].member == h.member_id for h in holders)


async def test_an_expired_invitation_frees_its_seat_before_its_expiry_is_an_event(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await company.invite("招待 された人")
        await w.shown()
        soon, late = company.at + timedelta(days=6), company.at + timedelta(days=7)
        before = await seat_usage(w.ask, company.tenant, at=soon)
        after = await seat_usage(w.ask, company.tenant, at=late)
        assert before is not None
        assert after is not None
        assert (before.held, after.held) == (2, 1)


async def test_the_plan_chosen_gives_the_limit(database: str) -> None:
    async with world(database) as w:
        company, history = await played(w, 3)
        for at in instants(history, 3):
            usage = await seat_usage(w.ask, company.tenant, at=at)
            tenant = fold(event for event, meta in history if meta.recorded_at <= at)
            assert usage is not None
            assert (usage.plan, usage.limit) == (tenant.plan, tenant.seats)


async def test_there_is_no_usage_before_the_company_signed_up(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await w.shown()
        assert await seat_usage(w.ask, company.tenant, at=company.at - timedelta(days=1)) is None


def test_months_follow_the_companys_time_zone() -> None:
    start, end = month_bounds(date(2026, 12, 31), "Asia/Tokyo")
    assert start.astimezone(UTC) == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 12, 31, 15, tzinfo=UTC)


async def test_from_the_very_first_event_the_company_has_signed_up(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await w.shown()
        first = await seat_usage(w.ask, company.tenant, at=company.at, as_of=1)
        assert first is not None
        assert (first.limit_seq, first.limit, first.held, first.plan) == (1, 0, 0, None)
        second = await seat_usage(w.ask, company.tenant, at=company.at, as_of=2)
        assert second is not None
        assert (second.limit_seq, second.limit) == (2, 50)
        assert await seat_usage(w.ask, company.tenant, at=company.at, as_of=0) is None
