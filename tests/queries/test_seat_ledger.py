"""The seat ledger: its months, peaks, sums and entries are those of a recount from the log's raw rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from zoneinfo import available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commands import tenants as t
from domain.ids import MemberId
from domain.tenants.zones import NAME
from infra.read_store.live import Live
from infra.read_store.verify import verify
from projections.seat_counting import begin, pass_time
from projections.seats import seats
from queries.seat_entries import SeatLine, seat_entries
from queries.seat_ledger import LedgerMonth, month_bounds, seat_ledger
from queries.seats import seat_holders, seat_usage
from tests.queries import recount
from tests.queries.chance import seats_by_chance
from tests.queries.playing import MONDAY, Company, World, world
from tests.queries.recount import TICK, Raw, raw_events

# Half-hours and quarters; clocks that change at midnight; a day that was left out; and where neither is so.
ZONES = ("Asia/Tokyo", "America/St_Johns", "Asia/Kathmandu", "America/Asuncion", "Pacific/Apia", "UTC")


@asynccontextmanager
async def played(dsn: str, zone: str, seed: int, turns: int = 80) -> AsyncIterator[tuple[World, Company, list[Raw]]]:
    """A company that lived for some months; the log as it is."""
    async with world(dsn) as w:
        company = await seats_by_chance(w, seed, turns, zone=zone)
        await w.shown()
        yield w, company, raw_events(dsn, company.tenant)


def moments(log: list[Raw], seed: int, count: int = 6) -> list[datetime]:
    """Instants to ask about: just at, and just before what happened, and long after the last of it."""
    chosen = Random(seed).sample(recount.instants(log), count)
    return [*chosen, *(at - TICK for at in chosen), log[-1].at, log[-1].at + timedelta(days=100)]


def figures(month: LedgerMonth) -> dict[str, object]:
    names = recount.Month.__dataclass_fields__
    return {name: value for name, value in asdict(month).items() if name in names}


async def months(w: World, company: Company, zone: str, at: datetime, as_of: int | None = None) -> list[LedgerMonth]:
    first, last = MONDAY.date() - timedelta(days=40), at.date() + timedelta(days=1)
    return await seat_ledger(w.ask, company.tenant, first=first, last=last, time_zone=zone, at=at, as_of=as_of)


async def lines(w: World, company: Company, at: datetime) -> list[SeatLine]:
    return await seat_entries(w.ask, company.tenant, at=at, limit=10_000)


@pytest.mark.parametrize(("seed", "zone"), list(enumerate(ZONES)))
async def test_every_figure_of_a_month_is_that_of_a_recount(database: str, seed: int, zone: str) -> None:
    async with played(database, zone, seed) as (w, company, log):
        for at in moments(log, seed):
            for month in await months(w, company, zone, at):
                naive = recount.month(log, *month_bounds(month.month, zone), at)
                assert figures(month) == asdict(naive), (month.month, at)
                assert month.opening + month.joined - month.gone == month.closing


@pytest.mark.parametrize(("seed", "zone"), list(enumerate(ZONES)))
async def test_the_ledger_as_of_a_sequence_is_a_recount_of_what_was_there(database: str, seed: int, zone: str) -> None:
    async with played(database, zone, seed + 10) as (w, company, log):
        for row in Random(seed).sample(log[3:], 5):
            there = [other for other in log if other.seq <= row.seq]
            for month in await months(w, company, zone, row.at, row.seq):
                naive = recount.month(there, *month_bounds(month.month, zone), row.at)
                assert figures(month) == asdict(naive), (month.month, row)


@pytest.mark.parametrize("seed", range(3))
async def test_the_months_seat_days_add_up_to_what_each_member_held(database: str, seed: int) -> None:
    async with played(database, "America/St_Johns", seed + 20) as (w, company, log):
        at = log[-1].at + timedelta(days=10)
        total = sum(month.seat_us for month in await months(w, company, "America/St_Johns", at))
        points = [*(i for i in recount.instants(log) if i <= at), at]
        spans = [(recount.holders(log, a), (b - a) // TICK) for a, b in pairwise(points)]
        people = {who for held, _ in spans for who in held}
        each = {who: sum(length for held, length in spans if who in held) for who in people}
        assert total == sum(each.values())


@pytest.mark.parametrize("seed", range(3))
async def test_entries_tell_who_holds_a_seat_after_each_of_them(database: str, seed: int) -> None:
    async with played(database, "Asia/Tokyo", seed + 30) as (w, company, log):
        at = log[-1].at + timedelta(days=10)
        held: dict[str, str] = {}
        found = await lines(w, company, at)
        for line, following in pairwise([*found, None]):
            if line is None:
                continue
            assert held.get(line.member_id) == line.was
            held.pop(line.member_id, None)
            held |= {line.member_id: line.kind} if line.kind else {}
            assert (len(held), sum(kind == "invited" for kind in held.values())) == (line.held, line.invited)
            if following is None or following.at > line.at:
                assert held == recount.holders(log, line.at)
        assert [line.no for line in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("seed", range(3))
async def test_every_entry_opens_to_the_event_that_made_it(database: str, seed: int) -> None:
    async with played(database, "Asia/Tokyo", seed + 40) as (w, company, log):
        rows = {row.seq: row for row in log}
        for line in await lines(w, company, log[-1].at + timedelta(days=10)):
            event = rows[line.seq]
            assert event.data["member"] == line.member_id
            if line.cause != "tenant.invitation_expired" or event.type == line.cause:
                assert (event.type, event.at) == (line.cause, line.at)
                continue
            assert (event.type, event.data["expires_at"]) == ("tenant.member_invited", _z(line.at))
            noted = {r.data["member"]: r.seq for r in log if r.type == line.cause}
            assert line.noted_seq == noted.get(line.member_id)


async def test_pages_of_entries_hold_each_of_them_once(database: str) -> None:
    async with played(database, "Asia/Tokyo", 50) as (w, company, log):
        at = log[-1].at + timedelta(days=10)
        found, seen = await lines(w, company, at), []
        page = await seat_entries(w.ask, company.tenant, at=at, limit=3)
        while page:
            seen += page
            page = await seat_entries(w.ask, company.tenant, at=at, limit=3, after=page[-1].after)
        assert seen == found
        who = MemberId(found[3].member_id)
        assert await seat_entries(w.ask, company.tenant, at=at, member=who) == [e for e in found if e.member_id == who]


async def test_an_entry_stays_what_it_was_when_the_next_event_comes(database: str) -> None:
    """What ran out is told before any event enters it, under the number that it keeps."""
    async with world(database) as w:
        company = await w.company()
        for name in ("一人目", "二人目", "三人目"):
            await company.invite(name)
            company.later(minutes=1)
        await company.do(t.ChangePermission(await company.invite("監査"), "auditor"), reason="監査人")
        await w.shown()
        at = company.at + timedelta(days=8)
        before = await lines(w, company, at)
        assert [line.change for line in before][-3:] == [-1, -1, -1]
        company.later(days=9)
        await company.invite("次の人")
        await w.shown()
        after = await lines(w, company, company.at)
        assert [{**asdict(line), "noted_seq": None} for line in after[:-1]] == [asdict(line) for line in before]
        assert [line.noted_seq is not None for line in after] == [line.change == -1 and line.no > 6 for line in after]


@pytest.mark.parametrize("seed", range(3))
async def test_usage_and_holders_are_those_of_a_recount(database: str, seed: int) -> None:
    async with played(database, "Asia/Tokyo", seed + 60) as (w, company, log):
        for at in moments(log, seed):
            naive = recount.holders(log, at)
            usage = await seat_usage(w.ask, company.tenant, at=at)
            found = await seat_holders(w.ask, company.tenant, at=at)
            assert {holder.member_id: holder.kind for holder in found} == naive
            assert usage is None if at < log[0].at else usage is not None
            if usage is not None:
                assert (usage.held, usage.invited) == (len(naive), sum(k == "invited" for k in naive.values()))
                assert usage.limit == recount.limit(log, at)


async def test_a_company_that_rests_for_months_still_has_them(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        await company.hire("一人")
        await w.shown()
        at = company.at + timedelta(days=200)
        found = await seat_ledger(
            w.ask, company.tenant, first=date(2024, 4, 1), last=date(2024, 12, 1), time_zone="Asia/Tokyo", at=at
        )
        assert [month.month.month for month in found] == [4, 5, 6, 7, 8, 9, 10]
        june = found[2]
        assert (june.opening, june.peak, june.closing, june.seat_days, june.first_no) == (2, 2, 2, 60.0, None)
        assert june.peak_at == june.starts == datetime(2024, 5, 31, 15, tzinfo=UTC)
        assert june.peak_seq == june.opening_seq == june.closing_seq


def _z(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def test_the_past_is_looked_up_and_not_folded_anew(database: str) -> None:
    async with played(database, "Asia/Tokyo", 70) as (w, company, log):
        await months(w, company, "Asia/Tokyo", log[-5].at, log[-5].seq)
        await seat_usage(w.ask, company.tenant, at=log[-5].at, as_of=log[-5].seq)
        await seat_entries(w.ask, company.tenant, at=log[-5].at, as_of=log[-5].seq)
        assert not w.ask._kept


REGIONS = sorted(zone for zone in available_timezones() if NAME.fullmatch(zone))


@given(
    zone=st.sampled_from(REGIONS),
    at=st.integers(0, 40_000 * 24).map(
        lambda hours: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(hours=hours, minutes=15)
    ),
    later=st.timedeltas(timedelta(0), timedelta(days=400)),
)
@example(zone="America/St_Johns", at=datetime(2009, 11, 1, 2, 45, tzinfo=UTC), later=timedelta(0))
@example(zone="America/Asuncion", at=datetime(2023, 10, 1, 4, tzinfo=UTC), later=timedelta(0))
@example(zone="Pacific/Apia", at=datetime(2011, 12, 1, tzinfo=UTC), later=timedelta(days=31))
def test_an_instant_lies_in_one_month_of_any_time_zone(zone: str, at: datetime, later: timedelta) -> None:
    count = begin(zone, SimpleNamespace(tenant="t", recorded_at=at))  # type: ignore[arg-type]  # all that it looks at
    for instant in (at, at + later):
        pass_time(count, instant)
        assert count.month_at <= instant < count.month_ends_at
        month = (count.month_at + timedelta(days=3)).date()
        assert month_bounds(month, zone) == (count.month_at, count.month_ends_at)


@pytest.mark.parametrize("seed", range(2))
async def test_entries_are_the_same_however_often_the_projector_starts_anew(database: str, seed: int) -> None:
    """It has to find the open invitations in what is stored."""
    async with world(database) as w:
        await seats_by_chance(w, seed + 80, turns=60)
        done = False
        while not done:
            with Live(database, [seats], batch=5) as live:
                done = live.step() == 0
                live.flush()
    assert verify(database, [seats]) == []
