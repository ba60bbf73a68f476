"""Who may do what, and who may change that."""

from datetime import timedelta

import pytest

from commands.catalogue import COMMANDS
from domain.ids import MemberId
from domain.refusals import NotPermitted, ReasonMissing
from domain.services import OPERATOR, SCHEDULER, SERVICES_MAY, permit_service
from domain.tenants import events as e
from domain.tenants.decisions import LastOwner, SeatLimitReached, change_permission
from domain.tenants.permissions import EVERYONE, MAY, Permission
from domain.tenants.permitting import permit
from tests.given import given
from tests.people import AIKO, BUNTA, CHIE, EMI, FUMIO, GORO, HANA, JIRO, KANA, MONDAY, STRANGER, TENANT

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
FULL = e.PlanChosen(None, "enterprise", 9, 100_000)


def test_a_permission_changes() -> None:
    given().when(change_permission, AIKO, "manager", ADMIN, "昇格").then(e.PermissionChanged(AIKO, "member", "manager"))


def test_the_same_permission_changes_nothing() -> None:
    given().when(change_permission, AIKO, "member", ADMIN, "理由").changes_nothing()


def test_only_an_owner_makes_an_owner() -> None:
    given().when(change_permission, AIKO, "owner", ADMIN, "理由").refuses(NotPermitted)
    given().when(change_permission, AIKO, "owner", OWNER, "理由").then(e.PermissionChanged(AIKO, "member", "owner"))


def test_an_admin_does_not_unmake_an_owner() -> None:
    second = e.PermissionChanged(CHIE, "member", "owner")
    given(second).when(change_permission, CHIE, "member", ADMIN, "理由").refuses(NotPermitted)


def test_the_last_owner_stays_an_owner() -> None:
    given().when(change_permission, EMI, "admin", OWNER, "理由").refuses(LastOwner)


def test_an_auditor_who_is_to_work_needs_a_seat() -> None:
    given(FULL).when(change_permission, HANA, "member", ADMIN, "理由").refuses(SeatLimitReached)


def test_changing_a_permission_needs_a_reason() -> None:
    given().when(change_permission, AIKO, "manager", ADMIN, None).refuses(ReasonMissing)


def test_every_command_says_who_may() -> None:
    open_to_all = {name for name, kind in COMMANDS.items() if getattr(kind, "open_to_all", False)}
    by_service = {name for name, kind in COMMANDS.items() if getattr(kind, "by_service", False)}
    assert set(COMMANDS) - open_to_all - by_service <= set(MAY)
    assert by_service == set(SERVICES_MAY)
    assert not by_service & (set(MAY) | open_to_all)


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


BY_PERMISSION: dict[Permission, MemberId] = {
    "owner": EMI,
    "admin": FUMIO,
    "manager": BUNTA,
    "member": AIKO,
    "partner": GORO,
    "auditor": HANA,
}


@pytest.mark.parametrize("permission", sorted(EVERYONE))
@pytest.mark.parametrize("command", sorted(MAY))
def test_the_table_is_all_there_is_to_it(command: str, permission: Permission) -> None:
    member = BY_PERMISSION[permission]
    if permission in MAY[command]:
        assert permit(TENANT, member, command, MONDAY).permission == permission
        return
    with pytest.raises(NotPermitted, match=rf"expected one of .* to .*, but they are {permission}"):
        permit(TENANT, member, command, MONDAY)


@pytest.mark.parametrize("member", [STRANGER, JIRO, KANA], ids=["unknown", "invited", "left"])
def test_only_active_members_may_anything(member: MemberId) -> None:
    with pytest.raises(NotPermitted, match="expected an active member"):
        permit(TENANT, member, "comment", MONDAY + timedelta(hours=1))


@pytest.mark.parametrize("command", sorted(SERVICES_MAY))
def test_a_services_command_is_its_own(command: str) -> None:
    permit_service(SERVICES_MAY[command].id, None, command)
    for actor in (EMI, SCHEDULER.id, OPERATOR.id, None):
        if actor != SERVICES_MAY[command].id:
            with pytest.raises(NotPermitted, match="expected the"):
                permit_service(actor, None, command)


@pytest.mark.parametrize("command", sorted(SERVICES_MAY))
def test_whoever_shows_a_key_is_no_service(command: str) -> None:
    with pytest.raises(NotPermitted):
        permit_service(SERVICES_MAY[command].id, "key-of-aiko", command)


@pytest.mark.parametrize("command", sorted(MAY))
def test_a_service_may_nothing_that_members_do(command: str) -> None:
    with pytest.raises(NotPermitted):
        permit(TENANT, SCHEDULER.id, command, MONDAY)
