"""Who may do what: permissions, roles, keys, leaving and coming back."""

from datetime import timedelta

import pytest

from commands.catalogue import COMMANDS
from domain.ids import MemberId
from domain.refusals import InvalidInput, NotFound, NotPermitted
from domain.tenants import events as e
from domain.tenants.decisions import (
    InvitationNotOpen,
    LastOwner,
    SeatLimitReached,
    change_permission,
    deactivate,
    issue_api_key,
    permit,
    reactivate,
    revoke_api_key,
    set_role_holders,
)
from domain.tenants.permissions import MAY
from tests.given import given
from tests.people import (
    AIKO,
    BUNTA,
    CHIE,
    EMI,
    FUMIO,
    GORO,
    HANA,
    IT,
    JIRO,
    KANA,
    MONDAY,
    STRANGER,
    TENANT,
)

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
FULL = e.PlanChosen(None, "enterprise", 9)


def test_a_member_who_leaves_loses_their_keys() -> None:
    given().when(deactivate, AIKO).then(e.MemberDeactivated(AIKO), e.ApiKeyRevoked("key-of-aiko"))


def test_an_invitation_is_withdrawn() -> None:
    given().when(deactivate, JIRO).then(e.MemberDeactivated(JIRO))


def test_who_has_left_leaves_once() -> None:
    given().when(deactivate, KANA).changes_nothing()


def test_the_last_owner_stays() -> None:
    given().when(deactivate, EMI).refuses(LastOwner)


def test_one_of_two_owners_may_leave() -> None:
    second = e.PermissionChanged(FUMIO, "admin", "owner")
    given(second).when(deactivate, EMI).then(e.MemberDeactivated(EMI))


def test_who_left_comes_back() -> None:
    given().when(reactivate, KANA).then(e.MemberReactivated(KANA))


def test_who_is_here_need_not_come_back() -> None:
    given().when(reactivate, AIKO).changes_nothing()


def test_coming_back_needs_a_seat() -> None:
    given(FULL).when(reactivate, KANA).refuses(SeatLimitReached)


def test_who_never_joined_does_not_come_back() -> None:
    given().when(reactivate, JIRO).refuses(InvitationNotOpen)


def test_a_permission_changes() -> None:
    given().when(change_permission, AIKO, "manager", ADMIN).then(e.PermissionChanged(AIKO, "member", "manager"))


def test_the_same_permission_changes_nothing() -> None:
    given().when(change_permission, AIKO, "member", ADMIN).changes_nothing()


def test_only_an_owner_makes_an_owner() -> None:
    given().when(change_permission, AIKO, "owner", ADMIN).refuses(NotPermitted)
    given().when(change_permission, AIKO, "owner", OWNER).then(e.PermissionChanged(AIKO, "member", "owner"))


def test_an_admin_does_not_unmake_an_owner() -> None:
    second = e.PermissionChanged(CHIE, "member", "owner")
    given(second).when(change_permission, CHIE, "member", ADMIN).refuses(NotPermitted)


def test_the_last_owner_stays_an_owner() -> None:
    given().when(change_permission, EMI, "admin", OWNER).refuses(LastOwner)


def test_an_auditor_who_is_to_work_needs_a_seat() -> None:
    given(FULL).when(change_permission, HANA, "member", ADMIN).refuses(SeatLimitReached)


def test_roles_have_holders_in_order() -> None:
    given().when(set_role_holders, IT, (AIKO,)).then(e.RoleHoldersSet(IT, TENANT.holders[IT], (AIKO,)))


def test_the_same_holders_change_nothing() -> None:
    given().when(set_role_holders, IT, TENANT.holders[IT]).changes_nothing()


def test_nobody_holds_a_role_twice() -> None:
    given().when(set_role_holders, IT, (AIKO, AIKO)).refuses(InvalidInput, "twice")


def test_a_stranger_holds_no_role() -> None:
    given().when(set_role_holders, IT, (STRANGER,)).refuses(NotFound)


def test_a_role_has_a_short_name() -> None:
    given().when(set_role_holders, "情シス", (AIKO,)).refuses(InvalidInput, "short name")


def test_a_member_is_given_a_key() -> None:
    given().when(issue_api_key, "k", AIKO, "集計", "9" * 64).then(e.ApiKeyIssued("k", AIKO, "集計", "9" * 64))


def test_a_key_is_given_once() -> None:
    given().when(issue_api_key, "key-of-aiko", AIKO, "集計", "9" * 64).changes_nothing()


@pytest.mark.parametrize("member", [STRANGER, JIRO, KANA], ids=["unknown", "invited", "left"])
def test_only_active_members_are_given_keys(member: MemberId) -> None:
    given().when(issue_api_key, "k", member, "集計", "9" * 64).refuses(NotFound)


def test_a_key_is_revoked_once() -> None:
    given().when(revoke_api_key, "key-of-aiko").then(e.ApiKeyRevoked("key-of-aiko"))
    given(e.ApiKeyRevoked("key-of-aiko")).when(revoke_api_key, "key-of-aiko").changes_nothing()


@pytest.mark.parametrize("decision", [deactivate, reactivate])
def test_a_stranger_is_not_found(decision: object) -> None:
    given().when(decision, STRANGER).refuses(NotFound)  # type: ignore[arg-type]  # one of two decisions


def test_every_command_says_who_may() -> None:
    open_to_all = {name for name, kind in COMMANDS.items() if getattr(kind, "open_to_all", False)}
    assert set(COMMANDS) - open_to_all <= set(MAY)


@pytest.mark.parametrize(
    ("member", "command"),
    [(AIKO, "skip_step"), (BUNTA, "invite_member"), (GORO, "start_run"), (HANA, "comment")],
    ids=["member", "manager", "partner", "auditor"],
)
def test_nobody_may_what_the_table_does_not_say(member: MemberId, command: str) -> None:
    with pytest.raises(NotPermitted, match="expected one of"):
        permit(TENANT, member, command, MONDAY)


@pytest.mark.parametrize("command", sorted(MAY))
def test_an_owner_may_everything(command: str) -> None:
    assert permit(TENANT, EMI, command, MONDAY).id == EMI


@pytest.mark.parametrize("member", [STRANGER, JIRO, KANA], ids=["unknown", "invited", "left"])
def test_only_active_members_may_anything(member: MemberId) -> None:
    with pytest.raises(NotPermitted, match="expected an active member"):
        permit(TENANT, member, "comment", MONDAY + timedelta(hours=1))
