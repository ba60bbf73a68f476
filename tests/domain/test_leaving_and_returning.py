"""Leaving, coming back, and invitations that are withdrawn."""

import pytest

from domain.ids import MemberId
from domain.refusals import NotFound, NotPermitted, ReasonMissing
from domain.tenants import events as e
from domain.tenants.decisions import (
    AlreadyMember,
    InvitationNotOpen,
    LastOwner,
    SeatLimitReached,
    deactivate,
    reactivate,
)
from tests.given import given
from tests.people import (
    AIKO,
    CHIE,
    EMI,
    FUMIO,
    INVITATION_ENDS,
    JIRO,
    KANA,
    STRANGER,
    TENANT,
    TOKEN,
    address,
)

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
FULL = e.PlanChosen(None, "enterprise", 9, 100_000)
SECOND_OWNER = e.PermissionChanged(CHIE, "member", "owner")
WHY = "退職"


def test_a_member_who_leaves_loses_their_keys() -> None:
    given().when(deactivate, AIKO, ADMIN, WHY).then(e.MemberDeactivated(AIKO), e.ApiKeyRevoked("key-of-aiko"))


def test_an_invitation_is_withdrawn() -> None:
    given().when(deactivate, JIRO, ADMIN, "取りやめ").then(e.MemberDeactivated(JIRO))


def test_who_has_left_leaves_once() -> None:
    given().when(deactivate, KANA, ADMIN, WHY).changes_nothing()


@pytest.mark.parametrize("member", [AIKO, JIRO], ids=["a member", "an invitation"])
def test_ending_a_membership_needs_a_reason(member: MemberId) -> None:
    given().when(deactivate, member, ADMIN, " ").refuses(ReasonMissing)


def test_the_last_owner_stays() -> None:
    given().when(deactivate, EMI, OWNER, WHY).refuses(LastOwner)


def test_one_of_two_owners_may_leave() -> None:
    given(SECOND_OWNER).when(deactivate, EMI, OWNER, WHY).then(e.MemberDeactivated(EMI))


def test_an_admin_does_not_deactivate_an_owner() -> None:
    given(SECOND_OWNER).when(deactivate, CHIE, ADMIN, WHY).refuses(NotPermitted, "owner")


def test_who_left_comes_back() -> None:
    given().when(reactivate, KANA, ADMIN).then(e.MemberReactivated(KANA))


def test_an_admin_does_not_take_an_owner_back() -> None:
    gone = (SECOND_OWNER, e.MemberDeactivated(CHIE))
    given(*gone).when(reactivate, CHIE, ADMIN).refuses(NotPermitted, "owner")
    given(*gone).when(reactivate, CHIE, OWNER).then(e.MemberReactivated(CHIE))


def test_who_is_here_need_not_come_back() -> None:
    given().when(reactivate, AIKO, ADMIN).changes_nothing()


def test_coming_back_needs_a_seat() -> None:
    given(FULL).when(reactivate, KANA, ADMIN).refuses(SeatLimitReached)


def test_who_never_joined_does_not_come_back() -> None:
    given().when(reactivate, JIRO, ADMIN).refuses(InvitationNotOpen)


def test_a_withdrawn_invitation_makes_no_member() -> None:
    given(e.MemberDeactivated(JIRO)).when(reactivate, JIRO, ADMIN).refuses(InvitationNotOpen, "never joined")


def another_kana(*more: e.TenantEvent) -> tuple[e.TenantEvent, ...]:
    """Someone else was invited under the address of KANA, who has left."""
    return (
        e.MemberInvited(STRANGER, "member", None, INVITATION_ENDS, TOKEN, "加奈", address("kana")),
        *more,
    )


def test_nobody_comes_back_to_an_address_that_another_has_by_now() -> None:
    joined = e.InvitationAccepted(STRANGER)
    given(*another_kana()).when(reactivate, KANA, ADMIN).refuses(AlreadyMember)
    given(*another_kana(joined)).when(reactivate, KANA, ADMIN).refuses(AlreadyMember)


def test_an_address_is_free_again_when_who_had_it_is_gone() -> None:
    gone = another_kana(e.InvitationAccepted(STRANGER), e.MemberDeactivated(STRANGER))
    given(*gone).when(reactivate, KANA, ADMIN).then(e.MemberReactivated(KANA))


def test_a_stranger_is_not_found() -> None:
    given().when(deactivate, STRANGER, ADMIN, WHY).refuses(NotFound)
    given().when(reactivate, STRANGER, ADMIN).refuses(NotFound)
