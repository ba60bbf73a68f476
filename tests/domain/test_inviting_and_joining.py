"""Invitations, and the seats that they hold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.ids import DepartmentId, MemberId
from domain.refusals import InvalidInput, NotFound, NotPermitted
from domain.tenants import events as e
from domain.tenants.decisions import (
    AlreadyMember,
    InvitationNotOpen,
    SeatLimitReached,
    accept_invitation,
    expire_invitations,
    invite,
)
from domain.tenants.permissions import Permission
from domain.tenants.permitting import TenantReadOnly
from tests.given import given
from tests.people import (
    AIKO,
    EMI,
    FUMIO,
    INVITATION_ENDS,
    JIRO,
    KANA,
    MONDAY,
    STRANGER,
    TENANT,
    TOKEN,
    TRIAL_ENDS,
    address,
)

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
HR = DepartmentId("hr")
FULL = e.PlanChosen(None, "enterprise", 9, 100_000)
"""As many seats as are held: eight members, and JIRO's invitation."""
PAID = e.PlanChosen(None, "lite", 20, 30_000)
NEXT_WEEK = MONDAY + timedelta(days=7)


def invited(member: MemberId = STRANGER, permission: Permission = "member", name: str = "new") -> e.MemberInvited:
    return e.MemberInvited(member, permission, HR, NEXT_WEEK, TOKEN, "新人", address(name))


def inviting(name: str = "new", permission: str = "member", department: str = "hr") -> tuple[object, ...]:
    return STRANGER, "新人", address(name), permission, department, TOKEN


def test_an_invitation_is_open_for_seven_days() -> None:
    given().when(invite, *inviting(), ADMIN).then(invited())


def test_an_address_is_kept_in_lower_case() -> None:
    given().when(invite, *inviting("NEW"), ADMIN).then(invited())


@pytest.mark.parametrize("name", ["aiko", "AIKO", "jiro"], ids=["member", "other case", "invited"])
def test_an_address_is_invited_once(name: str) -> None:
    given().when(invite, *inviting(name), ADMIN).refuses(AlreadyMember)


def test_who_left_may_be_invited_again_under_another_id() -> None:
    given().when(invite, *inviting("kana"), ADMIN).then(invited(name="kana"))


def test_inviting_again_changes_nothing() -> None:
    given(invited()).when(invite, *inviting(), ADMIN).changes_nothing()


def test_an_invitation_needs_a_free_seat() -> None:
    given(FULL).when(invite, *inviting(), ADMIN).refuses(SeatLimitReached, "9 of 9")


def test_an_auditor_needs_no_seat() -> None:
    in_90_days = MONDAY + timedelta(days=90)
    given(FULL).when(invite, *inviting(permission="auditor"), ADMIN).then(
        invited(permission="auditor"), e.AccessEndSet(STRANGER, None, in_90_days)
    )


def test_an_invitation_that_ran_out_frees_its_seat() -> None:
    given(FULL).on(INVITATION_ENDS).when(invite, *inviting(), ADMIN).then_kinds(
        e.InvitationExpired, e.MemberInvited
    )


def test_only_an_owner_invites_an_owner() -> None:
    given().when(invite, *inviting(permission="owner"), ADMIN).refuses(NotPermitted, "owner")
    given().when(invite, *inviting(permission="owner"), OWNER).then(invited(permission="owner"))


def test_a_permission_that_does_not_exist_is_refused() -> None:
    given().when(invite, *inviting(permission="king"), ADMIN).refuses(InvalidInput, "'king'")


def test_a_department_that_does_not_exist_is_not_found() -> None:
    given().when(invite, *inviting(department="moon"), ADMIN).refuses(NotFound, "'moon'")


def test_who_has_the_token_joins() -> None:
    given().when(accept_invitation, JIRO, TOKEN).then(e.InvitationAccepted(JIRO))


@pytest.mark.parametrize("member", [STRANGER, AIKO, KANA], ids=["unknown", "a member", "left"])
def test_without_an_open_invitation_nobody_joins(member: MemberId) -> None:
    given().when(accept_invitation, member, TOKEN).refuses(InvitationNotOpen)


def test_with_another_token_nobody_joins() -> None:
    given().when(accept_invitation, JIRO, "9" * 64).refuses(InvitationNotOpen)


def test_an_invitation_ends_at_its_hour() -> None:
    given().on(INVITATION_ENDS).when(accept_invitation, JIRO, TOKEN).refuses(InvitationNotOpen)


def test_nobody_joins_once_the_trial_has_ended() -> None:
    late = replace(invited(), expires_at=TRIAL_ENDS + timedelta(days=1))
    given(late).on(TRIAL_ENDS).when(accept_invitation, STRANGER, TOKEN).refuses(TenantReadOnly)
    given(late, PAID).on(TRIAL_ENDS).when(accept_invitation, STRANGER, TOKEN).then(e.InvitationAccepted(STRANGER))


def test_without_the_token_nobody_hears_that_the_trial_has_ended() -> None:
    late = replace(invited(), expires_at=TRIAL_ENDS + timedelta(days=1))
    given(late).on(TRIAL_ENDS).when(accept_invitation, STRANGER, "9" * 64).refuses(InvitationNotOpen)


@pytest.mark.parametrize("address", ["a\u200biko@ashiato.example", "aiko@ashiato.exam\u00adple", "a b@c.example"])
def test_an_address_hides_nothing(address: str) -> None:
    given().when(invite, STRANGER, "新人", address, "member", None, TOKEN, ADMIN).refuses(InvalidInput, "address")


def test_nobody_joins_beyond_the_seats() -> None:
    given(e.PlanChosen(None, "enterprise", 8, 100_000)).when(accept_invitation, JIRO, TOKEN).refuses(SeatLimitReached)


def test_an_invitation_expires_when_its_time_is_over_and_not_before() -> None:
    given().when(expire_invitations).changes_nothing()
    given().on(INVITATION_ENDS).when(expire_invitations).then(e.InvitationExpired(JIRO))
