"""An auditor is let in for a time; when it is over nothing opens, whether or not anything was recorded."""

from datetime import datetime, timedelta

import pytest

from domain.refusals import InvalidInput, ReasonMissing
from domain.tenants import events as e
from domain.tenants.access import MOST_DAYS, USUAL_DAYS
from domain.tenants.decisions import change_permission, extend_access, invite
from domain.tenants.folding import fold
from domain.tenants.permissions import EVERYONE, MAY
from domain.tenants.permitting import AccessEnded, permit
from tests.given import given
from tests.people import ACCESS_ENDS, AIKO, EMI, FUMIO, HANA, MONDAY, STRANGER, TENANT, TOKEN

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
LATER = MONDAY + timedelta(days=200)
USUAL = MONDAY + timedelta(days=USUAL_DAYS)
FURTHEST = MONDAY + timedelta(days=MOST_DAYS)
TOO_FAR = FURTHEST + timedelta(seconds=1)


def inviting(permission: str) -> tuple[object, ...]:
    return STRANGER, "監査の人", "new@ashiato.example", permission, None, TOKEN, ADMIN


@pytest.mark.parametrize("what", sorted(name for name, who in MAY.items() if "auditor" in who))
def test_nothing_opens_once_it_is_over(what: str) -> None:
    paid = fold([e.PlanChosen(None, "lite", 20, 30_000)], TENANT)
    assert permit(paid, HANA, what, ACCESS_ENDS - timedelta(microseconds=1)).id == HANA
    with pytest.raises(AccessEnded):
        permit(paid, HANA, what, ACCESS_ENDS)


def test_an_auditor_who_was_never_given_an_end_has_no_access() -> None:
    tenant = fold([e.AccessEndSet(HANA, ACCESS_ENDS, None)], TENANT)
    with pytest.raises(AccessEnded):
        permit(tenant, HANA, "read_trail", MONDAY)


@pytest.mark.parametrize(("asked", "ends"), [(None, USUAL), (LATER, LATER), (FURTHEST, FURTHEST)])
def test_an_invited_auditor_has_an_end(asked: datetime | None, ends: datetime) -> None:
    outcome = given().when(invite, *inviting("auditor"), access_ends_at=asked)
    assert outcome.decided()[-1] == e.AccessEndSet(STRANGER, None, ends)


@pytest.mark.parametrize("ends", [MONDAY, MONDAY - timedelta(days=1), TOO_FAR], ids=["now", "past", "too far"])
def test_an_end_is_to_come_and_not_too_far_away(ends: datetime) -> None:
    given().when(invite, *inviting("auditor"), access_ends_at=ends).refuses(InvalidInput, "366 days")
    given().when(change_permission, AIKO, "auditor", OWNER, "理由", access_ends_at=ends).refuses(InvalidInput)
    given().when(extend_access, HANA, ends, "理由").refuses(InvalidInput, "366 days")


@pytest.mark.parametrize("permission", sorted(EVERYONE - {"auditor", "owner"}))
def test_nobody_else_has_an_end(permission: str) -> None:
    given().when(invite, *inviting(permission), access_ends_at=LATER).refuses(InvalidInput, "for an auditor")
    assert [type(x) for x in given().when(invite, *inviting(permission)).decided()] == [e.MemberInvited]


def test_who_becomes_an_auditor_is_one_for_a_time() -> None:
    given().when(change_permission, AIKO, "auditor", OWNER, "監査へ", access_ends_at=LATER).then(
        e.PermissionChanged(AIKO, "member", "auditor"), e.AccessEndSet(AIKO, None, LATER)
    )


def test_who_is_an_auditor_no_more_has_no_end_any_more() -> None:
    given().when(change_permission, HANA, "member", OWNER, "異動").then(
        e.PermissionChanged(HANA, "auditor", "member"), e.AccessEndSet(HANA, ACCESS_ENDS, None)
    )
    tenant = fold([e.PermissionChanged(HANA, "auditor", "member"), e.AccessEndSet(HANA, ACCESS_ENDS, None)], TENANT)
    assert tenant.members[HANA].has_access(ACCESS_ENDS)


def test_an_admin_gives_more_time_and_says_why() -> None:
    given().when(extend_access, HANA, LATER, "監査が延びたため").then(e.AccessEndSet(HANA, ACCESS_ENDS, LATER))
    given().when(extend_access, HANA, LATER, None).refuses(ReasonMissing)


def test_more_time_can_be_given_after_it_was_over() -> None:
    after = ACCESS_ENDS + timedelta(days=1)
    more = after + timedelta(days=7)
    given().on(after).when(extend_access, HANA, more, "追加の監査").then(e.AccessEndSet(HANA, ACCESS_ENDS, more))
    assert permit(fold([e.AccessEndSet(HANA, ACCESS_ENDS, more)], TENANT), HANA, "read_trail", after).id == HANA


def test_the_same_end_changes_nothing() -> None:
    given().when(extend_access, HANA, ACCESS_ENDS, "理由").changes_nothing()


def test_only_an_auditors_access_ends() -> None:
    given().when(extend_access, AIKO, LATER, "理由").refuses(InvalidInput, "expected an auditor")


def test_an_end_that_comes_with_the_same_permission_is_not_lost() -> None:
    given().when(change_permission, HANA, "auditor", OWNER, "延長", access_ends_at=LATER).then(
        e.AccessEndSet(HANA, ACCESS_ENDS, LATER)
    )
