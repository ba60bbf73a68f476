"""Signing up, the trial, and plans."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ids import MemberId
from domain.refusals import InvalidInput, ReasonMissing
from domain.tenants import events as e
from domain.tenants.company import add_department, sign_up
from domain.tenants.decisions import SeatLimitReached
from domain.tenants.folding import fold
from domain.tenants.permitting import TenantReadOnly, permit
from domain.tenants.state import Tenant
from domain.tenants.subscription import choose_plan
from tests.given import given
from tests.people import (
    AIKO,
    BUNTA,
    CAST,
    EMI,
    FUMIO,
    JIRO,
    KANA,
    MONDAY,
    SETTLED,
    SIGNED_UP,
    TENANT,
    TOKEN,
    TRIAL_ENDS,
    address,
)

CAST_WITH_SEATS = [m for m, _, permission in CAST if permission != "auditor" and m != KANA]
WHO = ("足跡商事", "Asia/Tokyo", EMI, "笑", address("emi"))


def test_a_company_signs_up_for_a_trial_with_its_owner() -> None:
    given().when(sign_up, *WHO, tenant=Tenant()).then(*SIGNED_UP[:3])


def test_a_company_signs_up_once() -> None:
    given(*SETTLED).when(sign_up, *WHO).changes_nothing()


def test_the_day_of_signing_up_is_the_first_of_the_trial_wherever_the_company_is() -> None:
    late_evening = datetime(2026, 4, 5, 23, 30, tzinfo=UTC)
    trial = given().on(late_evening).when(sign_up, *WHO, tenant=Tenant()).decided()[1]
    assert trial == e.TrialStarted(TRIAL_ENDS, 50)


@pytest.mark.parametrize(
    "zone",
    ["Asia/Nowhere", "", "localtime", "Factory", "posixrules", "right/Asia/Tokyo", "posix/Asia/Tokyo", "Japan",
     "US/Pacific", "EST5EDT", "GMT+9", "../Asia/Tokyo", "Asia/../Asia/Tokyo", "Asia", "/etc/localtime", "Asia/Tokyo\n"],
)  # fmt: skip
def test_a_time_zone_that_is_none_everywhere_is_refused(zone: str) -> None:
    refused(InvalidInput, "time_zone", "足跡商事", zone, *WHO[2:])


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+9"]
)
def test_a_time_zone_of_iana_is_taken(zone: str) -> None:
    signed_up = given().when(sign_up, "足跡商事", zone, *WHO[2:], tenant=Tenant()).decided()[0]
    assert signed_up.time_zone == zone


def refused(kind: type[InvalidInput], field: str, *who: object) -> None:
    """Refused, and the field is named as the API's body names it."""
    outcome = given().when(sign_up, *who, tenant=Tenant())
    outcome.refuses(kind)
    assert outcome.refusal
    assert outcome.refusal.facts["field"] == field


def test_a_refusal_names_the_field_that_was_sent() -> None:
    refused(InvalidInput, "company", "", *WHO[1:])
    refused(InvalidInput, "owner.name", *WHO[:3], "\u200b", WHO[4])
    refused(InvalidInput, "owner.email", *WHO[:-1], "emi")


def test_a_plan_takes_effect_with_its_seats() -> None:
    given().when(choose_plan, "standard", None, None).then(e.PlanChosen(None, "standard", 50, 45_000))


def test_the_contract_says_how_many_seats_an_enterprise_has() -> None:
    given().when(choose_plan, "enterprise", 300, None).then(e.PlanChosen(None, "enterprise", 300, 100_000))
    given().when(choose_plan, "enterprise", None, None).then(e.PlanChosen(None, "enterprise", None, 100_000))


@pytest.mark.parametrize("seats", [100, 5, 0, -1])
def test_an_enterprise_has_more_than_a_hundred_seats(seats: int) -> None:
    given().when(choose_plan, "enterprise", seats, None).refuses(InvalidInput, "at least 101")


@pytest.mark.parametrize("seats", [10, 20, 200])
def test_seats_are_not_asked_for_where_the_plan_sets_them(seats: int) -> None:
    given().when(choose_plan, "lite", seats, None).refuses(InvalidInput, "lite, which has 20")


def test_changing_the_plan_needs_a_reason_and_the_first_choice_none() -> None:
    on_lite = given(e.PlanChosen(None, "lite", 20, 30_000))
    on_lite.when(choose_plan, "pro", None, None).refuses(ReasonMissing)
    on_lite.when(choose_plan, "pro", None, "増員").then(e.PlanChosen("lite", "pro", 100, 60_000))


def test_the_same_plan_again_changes_nothing() -> None:
    given(e.PlanChosen(None, "standard", 50, 45_000)).when(choose_plan, "standard", None, None).changes_nothing()


def test_a_plan_that_is_not_sold_is_refused() -> None:
    given().when(choose_plan, "gold", None, None).refuses(InvalidInput, "lite, pro, standard")


def test_a_plan_that_was_not_sold_yet_is_refused() -> None:
    given().on(datetime(2023, 1, 1, tzinfo=UTC)).when(choose_plan, "lite", None, None).refuses(InvalidInput)


def test_a_plan_needs_room_for_the_seats_that_are_held_and_says_who_holds_them() -> None:
    many = [MemberId(f"0199a000-0000-7000-8000-0000000010{n:02}") for n in range(20)]
    invited = [e.MemberInvited(m, "member", None, TRIAL_ENDS, TOKEN, "新人", f"{m}@a.example") for m in many]
    outcome = given(e.PlanChosen(None, "standard", 50, 45_000), *invited).when(choose_plan, "lite", None, "経費削減")
    outcome.refuses(SeatLimitReached, "29 are held")
    assert outcome.refusal
    assert outcome.refusal.facts["surplus"] == 9
    assert outcome.refusal.facts["held_by"] == [EMI, *(m for m in CAST_WITH_SEATS), *many]


def test_choosing_a_plan_notes_invitations_whose_time_is_over() -> None:
    given().on(MONDAY + timedelta(days=6)).when(choose_plan, "lite", None, None).then(
        e.InvitationExpired(JIRO), e.PlanChosen(None, "lite", 20, 30_000)
    )


def test_after_the_trial_nothing_is_written() -> None:
    with pytest.raises(TenantReadOnly, match="trial has ended"):
        permit(TENANT, AIKO, "complete_step", TRIAL_ENDS)


def test_up_to_its_last_moment_the_trial_is_open() -> None:
    assert permit(TENANT, AIKO, "complete_step", TRIAL_ENDS - timedelta(microseconds=1)).id == AIKO


def test_after_the_trial_a_plan_opens_everything_again() -> None:
    paying = fold([e.PlanChosen(None, "lite", 20, 30_000)], TENANT)
    assert permit(paying, AIKO, "complete_step", TRIAL_ENDS).id == AIKO


@pytest.mark.parametrize("command", ["choose_plan", "revoke_api_key", "deactivate_member", "read_trail"])
def test_after_the_trial_the_way_back_and_what_protects_it_stay_open(command: str) -> None:
    assert permit(TENANT, FUMIO, command, TRIAL_ENDS).id == FUMIO


def test_reading_the_trail_stays_possible_for_managers() -> None:
    assert permit(TENANT, BUNTA, "read_trail", TRIAL_ENDS).id == BUNTA


def test_a_department_is_added_once() -> None:
    given().when(add_department, "sales", "営業部").then(e.DepartmentAdded("sales", "営業部"))  # type: ignore[arg-type]  # a NewType
    given().when(add_department, "hr", "人事部").changes_nothing()


def test_a_department_has_a_short_name() -> None:
    given().when(add_department, "営業部", "営業部").refuses(InvalidInput, "short name")
