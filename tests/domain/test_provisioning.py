"""What the company's directory does to its people, and to their seats."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.ids import DepartmentId
from domain.refusals import InvalidInput, NotFound, NotPermitted
from domain.tenants import events as e
from domain.tenants.decisions import AlreadyMember, LastOwner, SeatLimitReached
from domain.tenants.permitting import TenantReadOnly
from domain.tenants.provisioning import Profile, people, provision, remove, update
from tests.given import given
from tests.people import (
    ACCESS_ENDS,
    AIKO,
    BUNTA,
    EMI,
    FUMIO,
    HANA,
    INVITATION_ENDS,
    JIRO,
    KANA,
    MONDAY,
    STRANGER,
    TENANT,
    TRIAL_ENDS,
    address,
)

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
HR = DepartmentId("hr")
FULL = e.PlanChosen(None, "enterprise", 9, 100_000)
"""As many seats as are held: eight members, and JIRO's invitation."""
NEW = Profile(user_name=address("new"), name="新人", external_id="00u1")
CAME = e.MemberProvisioned(STRANGER, "member", None, True, "新人", address("new"), None, "00u1")


def of(member: str, **changes: str | None) -> e.MemberRenamed:
    """What AIKO is called after a change."""
    known = {"name": member, "email": address(member), "user_name": None, "external_id": None}
    return e.MemberRenamed(AIKO, **(known | changes))  # type: ignore[arg-type]  # names are ours


def test_who_is_provisioned_is_a_member_at_once() -> None:
    given().when(provision, STRANGER, NEW, ADMIN).then(CAME)


def test_provisioning_again_changes_nothing() -> None:
    given(CAME).when(provision, STRANGER, NEW, ADMIN).changes_nothing()


def test_a_user_name_that_is_no_address_stands_beside_one() -> None:
    named = replace(NEW, user_name="NEW.one", email=address("NEW"))
    given().when(provision, STRANGER, named, ADMIN).then(replace(CAME, user_name="new.one"))
    given().when(provision, STRANGER, replace(named, email=None), ADMIN).refuses(InvalidInput, "address")


def test_provisioning_needs_a_free_seat_unless_none_is_taken() -> None:
    given(FULL).when(provision, STRANGER, NEW, ADMIN).refuses(SeatLimitReached, "9 of 9")
    given(FULL).when(provision, STRANGER, replace(NEW, active=False), ADMIN).then(replace(CAME, active=False))
    auditor = replace(CAME, permission="auditor")
    ends = e.AccessEndSet(STRANGER, None, MONDAY + timedelta(days=90))
    given(FULL).when(provision, STRANGER, replace(NEW, permission="auditor"), ADMIN).then(auditor, ends)


def test_an_invitation_is_used_up_with_its_seat() -> None:
    came = e.MemberProvisioned(JIRO, "member", None, True, "jiro", address("jiro"), None, None)
    jiro = Profile(user_name=address("jiro"))
    given(FULL).when(provision, STRANGER, jiro, ADMIN).then(came)
    given().on(INVITATION_ENDS).when(provision, STRANGER, jiro, ADMIN).then(e.InvitationExpired(JIRO), came)


def test_beyond_the_limit_no_invitation_is_used_up() -> None:
    too_small = e.PlanChosen(None, "enterprise", 8, 100_000)
    given(too_small).when(provision, STRANGER, Profile(user_name=address("jiro")), ADMIN).refuses(SeatLimitReached)


@pytest.mark.parametrize("name", ["aiko", "kana"], ids=["active", "who left"])
def test_a_user_name_is_there_once(name: str) -> None:
    given().when(provision, STRANGER, Profile(user_name=address(name)), ADMIN).refuses(AlreadyMember)


def test_only_an_owner_provisions_an_owner() -> None:
    given().when(provision, STRANGER, replace(NEW, permission="owner"), ADMIN).refuses(NotPermitted)
    given().when(provision, STRANGER, replace(NEW, permission="owner"), OWNER).then(replace(CAME, permission="owner"))


def test_a_department_that_does_not_exist_is_refused() -> None:
    given().when(provision, STRANGER, replace(NEW, department=DepartmentId("moon")), ADMIN).refuses(InvalidInput)


def test_nobody_comes_once_the_trial_has_ended() -> None:
    given().on(TRIAL_ENDS).when(provision, STRANGER, NEW, ADMIN).refuses(TenantReadOnly)


def test_an_address_follows_a_user_name_that_stands_for_both() -> None:
    given().when(update, AIKO, Profile(user_name=address("ai")), ADMIN).then(of("aiko", email=address("ai")))


def test_a_user_name_stays_when_the_address_changes() -> None:
    moved = of("aiko", email=address("ai"), user_name=address("aiko"))
    given().when(update, AIKO, Profile(email=address("ai")), ADMIN).then(moved)
    given(moved).when(update, AIKO, Profile(user_name=address("ai")), ADMIN).then(of("aiko", email=address("ai")))


def test_an_external_id_is_given_and_taken_away() -> None:
    known = of("aiko", external_id="00u7")
    given().when(update, AIKO, Profile(external_id="00u7"), ADMIN).then(known)
    given(known).when(update, AIKO, Profile(external_id=""), ADMIN).then(of("aiko"))


def test_nobody_takes_the_name_of_another() -> None:
    given().when(update, AIKO, Profile(user_name=address("bunta")), ADMIN).refuses(AlreadyMember)
    given().when(update, AIKO, Profile(email=address("bunta")), ADMIN).refuses(AlreadyMember)


def test_what_is_so_already_changes_nothing() -> None:
    same = Profile(address("AIKO"), address("aiko"), "", "aiko", active=True, permission="member", department=None)
    given().when(update, AIKO, same, ADMIN).changes_nothing()


def test_a_member_moves_between_departments() -> None:
    given().when(update, AIKO, Profile(department=HR), ADMIN).then(e.MemberMoved(AIKO, None, HR))
    given(e.MemberMoved(AIKO, None, HR)).when(update, AIKO, Profile(department=DepartmentId("")), ADMIN).then(
        e.MemberMoved(AIKO, HR, None)
    )


def test_whoever_is_to_leave_leaves_with_their_keys() -> None:
    given().when(update, AIKO, Profile(active=False), ADMIN).then(
        e.MemberDeactivated(AIKO), e.ApiKeyRevoked("key-of-aiko")
    )


def test_who_holds_a_role_leaves_too() -> None:
    given().when(update, BUNTA, Profile(active=False), ADMIN).then(e.MemberDeactivated(BUNTA))


def test_who_left_comes_back_to_a_free_seat() -> None:
    given().when(update, KANA, Profile(active=True), ADMIN).then(e.MemberReactivated(KANA))
    given(FULL).when(update, KANA, Profile(active=True), ADMIN).refuses(SeatLimitReached)


def test_who_is_over_the_limit_may_still_be_renamed() -> None:
    given(e.PlanChosen(None, "enterprise", 5, 100_000)).when(update, AIKO, Profile(name="愛"), ADMIN).then(
        of("愛", email=address("aiko"))
    )


def test_an_auditor_who_is_to_work_needs_a_seat() -> None:
    given(FULL).when(update, HANA, Profile(permission="member"), ADMIN).refuses(SeatLimitReached)
    given().when(update, HANA, Profile(permission="member"), ADMIN).then(
        e.PermissionChanged(HANA, "auditor", "member"), e.AccessEndSet(HANA, ACCESS_ENDS, None)
    )


def test_an_auditor_of_the_directory_is_one_for_a_time() -> None:
    usual = MONDAY + timedelta(days=90)
    given().when(update, AIKO, Profile(permission="auditor"), ADMIN).then(
        e.PermissionChanged(AIKO, "member", "auditor"), e.AccessEndSet(AIKO, None, usual)
    )
    invited = e.PermissionChanged(JIRO, "member", "auditor"), e.AccessEndSet(JIRO, None, ACCESS_ENDS)
    came = e.MemberProvisioned(JIRO, "auditor", None, True, "jiro", address("jiro"), None, None)
    given(*invited).when(provision, STRANGER, Profile(user_name=address("jiro")), ADMIN).then(came)


def test_once_the_trial_has_ended_people_can_only_leave() -> None:
    late = given().on(TRIAL_ENDS + timedelta(days=1))
    late.when(update, AIKO, Profile(name="愛"), ADMIN).refuses(TenantReadOnly)
    late.when(update, BUNTA, Profile(name="文", active=False), ADMIN).then(e.MemberDeactivated(BUNTA))
    late.when(remove, BUNTA, ADMIN).then(e.MemberDeactivated(BUNTA), e.MemberRemoved(BUNTA))


def test_the_last_owner_stays() -> None:
    given().when(update, EMI, Profile(active=False), OWNER).refuses(LastOwner)
    given().when(update, EMI, Profile(permission="admin"), OWNER).refuses(LastOwner)
    given().when(remove, EMI, OWNER).refuses(LastOwner)


def test_an_admins_directory_does_not_touch_owners() -> None:
    second = e.PermissionChanged(AIKO, "member", "owner")
    given(second).when(update, AIKO, Profile(active=False), ADMIN).refuses(NotPermitted)
    given(second).when(update, AIKO, Profile(permission="member"), ADMIN).refuses(NotPermitted)
    given(second).when(remove, AIKO, ADMIN).refuses(NotPermitted)


def test_who_is_removed_is_unknown_and_their_name_is_free() -> None:
    gone = given(e.MemberDeactivated(AIKO), e.MemberRemoved(AIKO))
    gone.when(remove, AIKO, ADMIN).refuses(NotFound)
    gone.when(update, AIKO, Profile(active=True), ADMIN).refuses(NotFound)
    again = e.MemberProvisioned(STRANGER, "member", None, True, "愛", address("aiko"), None, None)
    gone.when(provision, STRANGER, Profile(user_name=address("aiko"), name="愛"), ADMIN).then(again)


@pytest.mark.parametrize("member", [STRANGER, JIRO], ids=["unknown", "only invited"])
def test_who_never_came_is_unknown(member: str) -> None:
    given().when(update, member, Profile(active=False), ADMIN).refuses(NotFound)


def test_of_those_with_one_user_name_who_is_active_is_seen() -> None:
    again = e.MemberProvisioned(STRANGER, "member", None, True, "加奈", address("kana"), None, None)
    given(again).when(update, KANA, Profile(name="加奈"), ADMIN).refuses(NotFound)
    assert [m.id for m in people(given(again)._known()["tenant"]) if m.email == address("kana")] == [STRANGER]
