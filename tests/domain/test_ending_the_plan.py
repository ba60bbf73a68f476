"""The trial ends, a subscription is cancelled or lapses: read-only, until a plan is chosen."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.refusals import NotFound, ReasonMissing
from domain.tenants import events as e
from domain.tenants import plan_events as p
from domain.tenants.decisions import expire_invitation
from domain.tenants.folding import fold
from domain.tenants.permitting import TenantReadOnly, permit
from domain.tenants.state import Tenant
from domain.tenants.subscription import (
    NoPlan,
    apply_plan_change,
    cancel_plan,
    choose_plan,
    end_trial,
    lapse_plan,
)
from tests.given import given
from tests.people import (
    AIKO,
    EMI,
    INVITATION_ENDS,
    JIRO,
    KANA,
    MONDAY,
    SETTLED,
    SIGNED_UP,
    STRANGER,
    TENANT,
    TRIAL_ENDS,
)

MONTH_END = datetime(2026, 4, 30, 15, 0, tzinfo=ZoneInfo("UTC"))
LITE = e.PlanChosen(None, "lite", 20, 30_000)
ENDS = p.CancellationScheduled("lite", MONTH_END)
ENDED, LAPSED = p.PlanCancelled("lite"), p.PlanLapsed("lite")
SECOND = timedelta(seconds=1)


def read_only(*more: e.TenantEvent, at: datetime) -> str | None:
    """Why the company could not write, after more events."""
    return fold(more, TENANT).read_only(at)


def test_the_end_of_a_trial_is_noted_once_it_came() -> None:
    trial = given(*SIGNED_UP)
    trial.on(TRIAL_ENDS - SECOND).when(end_trial).changes_nothing()
    trial.on(TRIAL_ENDS).when(end_trial).then(p.TrialEnded(TRIAL_ENDS))
    given(*SIGNED_UP, p.TrialEnded(TRIAL_ENDS)).on(TRIAL_ENDS).when(end_trial).changes_nothing()


@pytest.mark.parametrize("others", [(LITE,), (LITE, LAPSED), (LITE, ENDED)])
def test_the_end_of_a_trial_that_led_to_a_plan_is_no_event(others: tuple[e.TenantEvent, ...]) -> None:
    given(*SIGNED_UP, *others).on(TRIAL_ENDS).when(end_trial).changes_nothing()


def test_whether_its_end_was_noted_makes_no_difference_to_a_trial() -> None:
    noted = p.TrialEnded(TRIAL_ENDS)
    assert read_only(at=TRIAL_ENDS) == read_only(noted, at=TRIAL_ENDS) == "trial_ended"
    assert read_only(noted, at=TRIAL_ENDS - SECOND) is None


def test_cancelling_takes_effect_at_the_end_of_the_month() -> None:
    given(*SETTLED, LITE).when(cancel_plan, "廃業").then(ENDS)
    assert read_only(LITE, ENDS, at=MONTH_END - SECOND) is None


def test_cancelling_needs_a_reason_and_a_plan() -> None:
    given(*SETTLED, LITE).when(cancel_plan, None).refuses(ReasonMissing)
    given(*SETTLED).when(cancel_plan, "廃業").refuses(NoPlan)


def test_cancelling_twice_changes_nothing() -> None:
    given(*SETTLED, LITE, ENDS).when(cancel_plan, "廃業").changes_nothing()


def test_cancelling_takes_the_place_of_a_smaller_plan() -> None:
    pro = e.PlanChosen(None, "pro", 100, 60_000)
    smaller = p.PlanChangeScheduled("pro", "lite", 20, 30_000, MONTH_END)
    given(*SETTLED, pro, smaller).when(cancel_plan, "廃業").then(
        p.PlanChangeWithdrawn("lite", 20, MONTH_END), p.CancellationScheduled("pro", MONTH_END)
    )


def test_a_cancellation_is_carried_out_at_its_moment() -> None:
    pending = given(*SETTLED, e.InvitationExpired(JIRO), LITE, ENDS)
    pending.on(MONTH_END - SECOND).when(apply_plan_change).changes_nothing()
    pending.on(MONTH_END).when(apply_plan_change).then(ENDED)
    given(*SETTLED, LITE, ENDS, ENDED).on(MONTH_END).when(apply_plan_change).changes_nothing()


def test_whether_a_cancellation_was_carried_out_yet_makes_no_difference() -> None:
    assert read_only(LITE, ENDS, at=MONTH_END) == read_only(LITE, ENDS, ENDED, at=MONTH_END) == "cancelled"


def test_a_cancelled_company_does_not_fall_back_into_its_trial() -> None:
    assert read_only(LITE, LAPSED, at=MONDAY) == "lapsed"
    assert MONDAY < TRIAL_ENDS


def test_a_subscription_lapses_at_once_with_a_reason() -> None:
    paying = given(*SETTLED, LITE)
    paying.when(lapse_plan, "未入金").then(LAPSED)
    paying.when(lapse_plan, None).refuses(ReasonMissing)
    given(*SETTLED, LITE, ENDS).when(lapse_plan, "未入金").then(p.CancellationWithdrawn("lite", MONTH_END), LAPSED)


def test_what_has_lapsed_lapses_once_and_a_trial_not_at_all() -> None:
    given(*SETTLED, LITE, LAPSED).when(lapse_plan, "未入金").changes_nothing()
    given(*SETTLED).when(lapse_plan, "未入金").refuses(NoPlan)
    given(*SETTLED, LITE, ENDS).on(MONTH_END).when(lapse_plan, "未入金").refuses(NoPlan)
    given().when(lapse_plan, "未入金", tenant=Tenant()).refuses(NotFound)


@pytest.mark.parametrize("end", [ENDED, LAPSED])
def test_choosing_a_plan_makes_it_writable_again_without_a_reason(end: e.TenantEvent) -> None:
    given(*SETTLED, e.InvitationExpired(JIRO), LITE, end).when(choose_plan, "lite", None, None).then(LITE)
    assert read_only(LITE, end, LITE, at=MONTH_END) is None


def test_choosing_a_plan_after_an_end_that_nobody_noted_yet_notes_it() -> None:
    late = given(*SETTLED, e.InvitationExpired(JIRO), LITE, ENDS).on(MONTH_END)
    late.when(choose_plan, "lite", None, None).then(ENDED, LITE)


@pytest.mark.parametrize(
    ("history", "at", "saying", "because"),
    [
        ((), TRIAL_ENDS, "the trial has ended", "trial_ended"),
        ((LITE, ENDS), MONTH_END, "was cancelled", "cancelled"),
        ((LITE, LAPSED), MONDAY, "has lapsed", "lapsed"),
    ],
)
def test_a_refusal_says_which_end_it_was(
    history: tuple[e.TenantEvent, ...], at: datetime, saying: str, because: str
) -> None:
    with pytest.raises(TenantReadOnly, match=saying) as refused:
        permit(fold(history, TENANT), AIKO, "complete_step", at)
    assert refused.value.facts["because"] == because


@pytest.mark.parametrize("command", ["withdraw_plan_change", "cancel_plan"])
def test_a_read_only_company_only_chooses(command: str) -> None:
    over = fold((LITE, ENDS), TENANT)
    with pytest.raises(TenantReadOnly):
        permit(over, EMI, command, MONTH_END)
    assert permit(over, EMI, "choose_plan", MONTH_END).id == EMI


def test_an_invitation_expires_once_it_is_due() -> None:
    given().on(INVITATION_ENDS - SECOND).when(expire_invitation, JIRO).changes_nothing()
    given().on(INVITATION_ENDS).when(expire_invitation, JIRO).then(e.InvitationExpired(JIRO))


@pytest.mark.parametrize("answered", [e.InvitationAccepted(JIRO), e.InvitationExpired(JIRO), e.MemberDeactivated(JIRO)])
def test_an_invitation_that_was_answered_does_not_expire(answered: e.TenantEvent) -> None:
    given(*SETTLED, answered).on(INVITATION_ENDS).when(expire_invitation, JIRO).changes_nothing()


def test_only_an_invitation_expires() -> None:
    given().on(MONTH_END).when(expire_invitation, KANA).changes_nothing()
    given().when(expire_invitation, STRANGER).refuses(NotFound)
