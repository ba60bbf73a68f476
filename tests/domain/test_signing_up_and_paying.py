"""Signing up, the trial, and plans."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.refusals import InvalidInput
from domain.tenants import events as e
from domain.tenants.decisions import (
    SeatLimitReached,
    TenantReadOnly,
    add_department,
    choose_plan,
    permit,
    sign_up,
)
from domain.tenants.state import Tenant, fold
from tests.given import given
from tests.people import AIKO, BUNTA, EMI, FUMIO, JIRO, MONDAY, SETTLED, SIGNED_UP, TENANT, TRIAL_ENDS, address

WHO = ("足跡商事", "Asia/Tokyo", EMI, "笑", address("emi"))


def test_a_company_signs_up_for_a_trial_with_its_owner() -> None:
    given().when(sign_up, *WHO, tenant=Tenant()).then(*SIGNED_UP[:3])


def test_a_company_signs_up_once() -> None:
    given(*SETTLED).when(sign_up, *WHO).changes_nothing()


def test_the_day_of_signing_up_is_the_first_of_the_trial_wherever_the_company_is() -> None:
    late_evening = datetime(2026, 4, 5, 23, 30, tzinfo=UTC)
    trial = given().on(late_evening).when(sign_up, *WHO, tenant=Tenant()).decided()[1]
    assert trial == e.TrialStarted(TRIAL_ENDS, 50)


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    given().when(sign_up, "足跡商事", "Asia/Nowhere", *WHO[2:], tenant=Tenant()).refuses(InvalidInput, "time zone")


def test_an_address_is_an_address() -> None:
    given().when(sign_up, *WHO[:-1], "emi", tenant=Tenant()).refuses(InvalidInput, "address")


def test_a_company_has_a_name() -> None:
    given().when(sign_up, "", *WHO[1:], tenant=Tenant()).refuses(InvalidInput, "'name'")


def test_a_plan_takes_effect_with_its_seats() -> None:
    given().when(choose_plan, "standard", None).then(e.PlanChosen(None, "standard", 50))


def test_the_contract_says_how_many_seats_an_enterprise_has() -> None:
    given().when(choose_plan, "enterprise", 300).then(e.PlanChosen(None, "enterprise", 300))


def test_the_same_plan_again_changes_nothing() -> None:
    given(e.PlanChosen(None, "standard", 50)).when(choose_plan, "standard", None).changes_nothing()


def test_a_plan_that_is_not_sold_is_refused() -> None:
    given().when(choose_plan, "gold", None).refuses(InvalidInput, "lite, pro, standard")


def test_a_plan_that_was_not_sold_yet_is_refused() -> None:
    given().on(datetime(2023, 1, 1, tzinfo=UTC)).when(choose_plan, "lite", None).refuses(InvalidInput)


def test_a_plan_needs_room_for_the_seats_that_are_held() -> None:
    given().when(choose_plan, "enterprise", 8).refuses(SeatLimitReached, "9 are held")


def test_choosing_a_plan_notes_invitations_whose_time_is_over() -> None:
    given().on(MONDAY + timedelta(days=6)).when(choose_plan, "lite", None).then(
        e.InvitationExpired(JIRO), e.PlanChosen(None, "lite", 20)
    )


def test_after_the_trial_nothing_is_written() -> None:
    with pytest.raises(TenantReadOnly, match="trial has ended"):
        permit(TENANT, AIKO, "complete_step", TRIAL_ENDS)


def test_up_to_its_last_moment_the_trial_is_open() -> None:
    assert permit(TENANT, AIKO, "complete_step", TRIAL_ENDS - timedelta(microseconds=1)).id == AIKO


def test_after_the_trial_a_plan_opens_everything_again() -> None:
    paying = fold([e.PlanChosen(None, "lite", 20)], TENANT)
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
