"""More seats at once, fewer at the end of the billing month; what is pending, withdrawn, refused at its moment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain.ids import MemberId
from domain.refusals import ReasonMissing
from domain.tenants import events as e
from domain.tenants import plan_events as p
from domain.tenants import plans
from domain.tenants.decisions import SeatLimitReached, invite
from domain.tenants.permissions import MAY
from domain.tenants.plans import Plan, catalogue_on, is_fewer, month_end, plan_on
from domain.tenants.subscription import NothingPending, apply_plan_change, choose_plan, withdraw_plan_change
from tests.given import Given, given
from tests.people import (
    AIKO,
    BUNTA,
    CAST,
    EMI,
    FUMIO,
    HANA,
    INVITATION_ENDS,
    JIRO,
    KANA,
    SETTLED,
    TENANT,
    TOKEN,
)

MONTH_END = datetime(2026, 4, 30, 15, 0, tzinfo=ZoneInfo("UTC"))
"""The end of April in Tokyo."""
PRO = e.PlanChosen(None, "pro", 100, 60_000)
TO_LITE = p.PlanChangeScheduled("pro", "lite", 20, 30_000, MONTH_END)
TO_STANDARD = p.PlanChangeScheduled("pro", "standard", 50, 45_000, MONTH_END)
ENDS = p.CancellationScheduled("pro", MONTH_END)
WHY = "経費削減"
JOINED = [EMI, *(m for m, _, may in CAST if may != "auditor" and m not in (KANA, JIRO))]


def company(*more: e.TenantEvent) -> Given:
    """The cast's company on Pro, Jiro's invitation noted as expired."""
    return given(*SETTLED, e.InvitationExpired(JIRO), PRO, *more)


def crowd(count: int) -> list[e.TenantEvent]:
    """More members, whose invitations last."""
    ids = [MemberId(f"0199a000-0000-7000-8000-0000000020{n:02}") for n in range(count)]
    lasts = MONTH_END + timedelta(days=7)
    return [e.MemberInvited(m, "member", None, lasts, TOKEN, "新人", f"{m}@a.example") for m in ids]


def test_more_seats_come_at_once() -> None:
    company().when(choose_plan, "enterprise", 200, WHY).then(e.PlanChosen("pro", "enterprise", 200, 100_000))
    company().when(choose_plan, "enterprise", None, WHY).then(e.PlanChosen("pro", "enterprise", None, 100_000))


def test_fewer_seats_come_at_the_end_of_the_month() -> None:
    company().when(choose_plan, "lite", None, WHY).then(TO_LITE)


def test_a_limit_is_fewer_than_none() -> None:
    boundless = e.PlanChosen("pro", "enterprise", None, 100_000)
    company(boundless).when(choose_plan, "enterprise", 150, WHY).then(
        p.PlanChangeScheduled("enterprise", "enterprise", 150, 100_000, MONTH_END)
    )


def test_a_smaller_plan_is_refused_while_more_seats_are_held_and_says_who_holds_them() -> None:
    outcome = company(*crowd(15)).when(choose_plan, "lite", None, WHY)
    outcome.refuses(SeatLimitReached, "at most 20 seats")
    assert outcome.refusal
    assert outcome.refusal.facts["surplus"] == len(JOINED) + 15 - 20
    assert len(outcome.refusal.facts["held_by"]) == len(JOINED) + 15  # type: ignore[arg-type]  # a list of ids


def test_a_smaller_plan_needs_a_reason() -> None:
    company().when(choose_plan, "lite", None, None).refuses(ReasonMissing)


def test_until_its_moment_seats_may_be_taken_up_to_the_present_limit() -> None:
    full = company(TO_LITE, *crowd(14))
    full.when(
        invite, MemberId("0199a000-0000-7000-8000-000000003000"), "新人", "new@a.example", "member", None, TOKEN,
        TENANT.members[FUMIO],
    ).then_kinds(e.MemberInvited)  # fmt: skip


def test_nothing_is_pending_twice() -> None:
    company(TO_LITE).when(choose_plan, "lite", None, WHY).changes_nothing()


@pytest.mark.parametrize(
    ("before", "gone"),
    [(TO_LITE, p.PlanChangeWithdrawn("lite", 20, MONTH_END)), (ENDS, p.CancellationWithdrawn("pro", MONTH_END))],
)
def test_a_new_choice_takes_the_place_of_what_is_pending(before: e.TenantEvent, gone: e.TenantEvent) -> None:
    now = company(before)
    now.when(choose_plan, "standard", None, WHY).then(gone, TO_STANDARD)
    now.when(choose_plan, "enterprise", 200, WHY).then(gone, e.PlanChosen("pro", "enterprise", 200, 100_000))
    now.when(choose_plan, "pro", None, WHY).then(gone)
    now.when(withdraw_plan_change, WHY).then(gone)


def test_withdrawing_needs_a_reason_and_something_pending() -> None:
    company(TO_LITE).when(withdraw_plan_change, " ").refuses(ReasonMissing)
    company().when(withdraw_plan_change, WHY).refuses(NothingPending)


def test_before_its_moment_nothing_happens() -> None:
    company(TO_LITE).on(MONTH_END - timedelta(microseconds=1)).when(apply_plan_change).changes_nothing()


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=40)])
def test_at_its_moment_or_later_the_smaller_plan_takes_effect_as_promised(late: timedelta) -> None:
    company(TO_LITE).on(MONTH_END + late).when(apply_plan_change).then(e.PlanChosen("pro", "lite", 20, 30_000))


def test_what_was_withdrawn_or_done_does_not_happen_again() -> None:
    for done in (p.PlanChangeWithdrawn("lite", 20, MONTH_END), e.PlanChosen("pro", "lite", 20, 30_000)):
        company(TO_LITE, done).on(MONTH_END).when(apply_plan_change).changes_nothing()


def test_at_its_moment_a_plan_that_is_too_small_is_refused_on_record_and_the_old_one_stays() -> None:
    many = crowd(15)
    outcome = company(TO_LITE, *many).on(MONTH_END).when(apply_plan_change)
    refused = outcome.decided()[-1]
    assert isinstance(refused, p.PlanChangeRefused)
    assert (refused.old, refused.new, refused.seats, refused.surplus) == ("pro", "lite", 20, len(JOINED) - 5)
    assert set(JOINED) | {event.member for event in many if isinstance(event, e.MemberInvited)} == set(refused.held_by)
    after = company(TO_LITE, *many, refused)._known()["tenant"]
    assert (after.plan, after.seats, after.pending) == ("pro", 100, None)


def test_an_invitation_that_has_expired_by_then_counts_no_more() -> None:
    given(*SETTLED, PRO, TO_LITE).on(MONTH_END).when(apply_plan_change).then(
        e.InvitationExpired(JIRO), e.PlanChosen("pro", "lite", 20, 30_000)
    )
    assert INVITATION_ENDS < MONTH_END


def test_an_auditor_holds_no_seat_of_a_smaller_plan() -> None:
    outcome = company(*crowd(15)).when(choose_plan, "lite", None, WHY)
    assert outcome.refusal
    assert HANA not in outcome.refusal.facts["held_by"]  # type: ignore[operator]  # a list of ids


ZONES = ("Asia/Tokyo", "Asia/Kathmandu", "Pacific/Kiritimati", "America/New_York", "Pacific/Marquesas", "UTC")
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(ZoneInfo("UTC")))  # noqa: DTZ001


@examples(INSTANTS, st.sampled_from(ZONES))
def test_a_billing_month_is_a_calendar_month_where_the_company_is(at: datetime, zone: str) -> None:
    end, there = month_end(at, zone), ZoneInfo(zone)
    local, last = at.astimezone(there), (end - timedelta(microseconds=1)).astimezone(there)
    assert at < end
    assert (end.astimezone(there).day, end.astimezone(there).time()) == (1, datetime.min.time())
    assert (last.year, last.month) == (local.year, local.month)


@examples(INSTANTS, st.sampled_from(ZONES))
def test_the_end_of_a_month_belongs_to_the_next(at: datetime, zone: str) -> None:
    end = month_end(at, zone)
    assert month_end(end, zone) > end
    assert month_end(end - timedelta(microseconds=1), zone) == end


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("Asia/Kathmandu", "2026-04-30T18:15:00+00:00"),
        ("Pacific/Kiritimati", "2026-04-30T10:00:00+00:00"),
        ("America/New_York", "2026-05-01T04:00:00+00:00"),
    ],
)
def test_a_downgrade_takes_effect_with_the_month_of_the_companys_zone(zone: str, end: str) -> None:
    moment = datetime.fromisoformat(end)
    there = (e.TenantSignedUp("足跡商事", zone), *SETTLED[1:], e.InvitationExpired(JIRO), PRO)
    given(*there).when(choose_plan, "lite", None, WHY).then(p.PlanChangeScheduled("pro", "lite", 20, 30_000, moment))
    pending = given(*there, p.PlanChangeScheduled("pro", "lite", 20, 30_000, moment))
    pending.on(moment - timedelta(seconds=1)).when(apply_plan_change).changes_nothing()
    pending.on(moment).when(apply_plan_change).then_kinds(e.PlanChosen)


DEARER = (*plans.CATALOGUE, Plan("lite", "ライト", 33_000, 20, MONTH_END.astimezone(ZoneInfo("Asia/Tokyo")).date()))


def test_a_price_change_changes_no_day_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "CATALOGUE", DEARER)
    last, first = TENANT.today(MONTH_END - timedelta(seconds=1)), TENANT.today(MONTH_END)
    assert (plan_on("lite", last).yen_a_month, plan_on("lite", first).yen_a_month) == (30_000, 33_000)
    assert [plan.yen_a_month for plan in catalogue_on(first)] == [33_000, 45_000, 60_000, 100_000]


def test_a_scheduled_change_promises_the_price_of_its_day_and_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "CATALOGUE", DEARER)
    promised = p.PlanChangeScheduled("pro", "lite", 20, 33_000, MONTH_END)
    company().when(choose_plan, "lite", None, WHY).then(promised)
    monkeypatch.setattr(plans, "CATALOGUE", (*DEARER, Plan("lite", "ライト", 99_000, 20, TENANT.today(MONTH_END))))
    company(promised).on(MONTH_END).when(apply_plan_change).then(e.PlanChosen("pro", "lite", 20, 33_000))


LIMITS = st.none() | st.integers(0, 10**6)


@examples(LIMITS, LIMITS)
def test_of_two_limits_one_is_fewer_or_they_are_the_same(one: int | None, other: int | None) -> None:
    assert [is_fewer(one, other), is_fewer(other, one), one == other].count(True) == 1


def test_who_is_no_admin_may_not_change_the_plan() -> None:
    for command in ("choose_plan", "withdraw_plan_change", "cancel_plan"):
        assert TENANT.members[BUNTA].permission not in MAY[command]
        assert TENANT.members[AIKO].permission not in MAY[command]
