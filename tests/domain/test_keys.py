"""Keys: one's own, and nobody else's."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.ids import MemberId
from domain.refusals import InvalidInput, NotFound, NotPermitted, ReasonMissing
from domain.tenants import events as e
from domain.tenants.keys import KeyLimited, check_key, issue_api_key, revoke_api_key
from domain.tenants.member import ApiKey, Member
from domain.tenants.permissions import MAY
from tests.given import given
from tests.people import AIKO, CHIE, EMI, FUMIO, HANA, JIRO, KANA, MONDAY, STRANGER, TENANT

ADMIN, OWNER, MEMBER, AUDITOR = (TENANT.members[m] for m in (FUMIO, EMI, AIKO, HANA))
SHA = "9" * 64
SECOND_OWNER = e.PermissionChanged(CHIE, "member", "owner")
OWNERS_KEY = e.ApiKeyIssued("key-of-chie", CHIE, "first", SHA)


@pytest.mark.parametrize("holder", [MEMBER, AUDITOR, ADMIN], ids=["member", "auditor", "admin"])
def test_everyone_takes_a_key_for_themselves(holder: Member) -> None:
    given().when(issue_api_key, "k", holder.id, "集計", SHA, holder, None).then(
        e.ApiKeyIssued("k", holder.id, "集計", SHA)
    )


def test_a_key_is_issued_once() -> None:
    given().when(issue_api_key, "key-of-aiko", AIKO, "集計", SHA, MEMBER, None).changes_nothing()


def test_a_key_has_a_label() -> None:
    given().when(issue_api_key, "k", AIKO, "\u200b", SHA, MEMBER, None).refuses(InvalidInput, "'label'")


@pytest.mark.parametrize("member", [AIKO, CHIE, EMI], ids=["with a key", "without one", "an owner"])
def test_an_admin_never_gets_a_key_of_someone_else(member: MemberId) -> None:
    given().when(issue_api_key, "k", member, "集計", SHA, ADMIN, "理由").refuses(NotPermitted, "owner")


def test_an_owner_gets_no_key_of_someone_who_has_one() -> None:
    given().when(issue_api_key, "k", AIKO, "集計", SHA, OWNER, "理由").refuses(NotPermitted, "without a key")


def test_an_owner_helps_in_who_has_no_key_and_says_why() -> None:
    given().when(issue_api_key, "k", CHIE, "復職", SHA, OWNER, "復職のため").then(
        e.ApiKeyIssued("k", CHIE, "復職", SHA)
    )
    given().when(issue_api_key, "k", CHIE, "復職", SHA, OWNER, None).refuses(ReasonMissing)


@pytest.mark.parametrize("member", [STRANGER, JIRO, KANA], ids=["unknown", "invited", "left"])
def test_only_active_members_have_keys(member: MemberId) -> None:
    given().when(issue_api_key, "k", member, "集計", SHA, OWNER, "理由").refuses(NotFound)


def test_a_key_is_revoked_once_by_its_holder_without_a_reason() -> None:
    given().when(revoke_api_key, "key-of-aiko", MEMBER, None).then(e.ApiKeyRevoked("key-of-aiko"))
    given(e.ApiKeyRevoked("key-of-aiko")).when(revoke_api_key, "key-of-aiko", MEMBER, None).changes_nothing()


def test_revoking_anothers_key_needs_a_reason() -> None:
    given().when(revoke_api_key, "key-of-aiko", ADMIN, "漏えいの疑い").then(e.ApiKeyRevoked("key-of-aiko"))
    given().when(revoke_api_key, "key-of-aiko", ADMIN, None).refuses(ReasonMissing)


def test_an_unknown_key_is_not_revoked_in_silence() -> None:
    given().when(revoke_api_key, "key-mistyped", OWNER, "漏えいの疑い").refuses(NotFound)


def test_a_member_does_not_revoke_anothers_key() -> None:
    given().when(revoke_api_key, "key-of-aiko", AUDITOR, "理由").refuses(NotPermitted)


def test_an_admin_does_not_revoke_an_owners_key() -> None:
    history = (SECOND_OWNER, OWNERS_KEY)
    given(*history).when(revoke_api_key, "key-of-chie", ADMIN, "理由").refuses(NotPermitted, "owner")
    given(*history).when(revoke_api_key, "key-of-chie", OWNER, "理由").then(e.ApiKeyRevoked("key-of-chie"))


SOON = MONDAY + timedelta(days=30)
LIMITS = {"expires_at": SOON, "read_only": True, "only": ("read_trail", "read_dashboards", "read_trail")}


def test_a_key_may_have_limits() -> None:
    given().when(issue_api_key, "k", AIKO, "集計", SHA, MEMBER, None, **LIMITS).then(
        e.ApiKeyIssued("k", AIKO, "集計", SHA, SOON, True, ("read_dashboards", "read_trail"))
    )


@pytest.mark.parametrize("expires_at", [MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=4000)])
def test_a_key_expires_in_time(expires_at: datetime) -> None:
    given().when(issue_api_key, "k", AIKO, "集計", SHA, MEMBER, None, expires_at=expires_at).refuses(
        InvalidInput, "ten years"
    )


@pytest.mark.parametrize("only", [(), ("everything",), ("comment", "no_such_row")], ids=str)
def test_a_key_does_what_the_table_knows_or_is_not_issued(only: tuple[str, ...]) -> None:
    given().when(issue_api_key, "k", AIKO, "集計", SHA, MEMBER, None, only=only).refuses(InvalidInput, "table")


@pytest.mark.parametrize("what", sorted(MAY))
def test_a_key_that_only_reads_does_nothing_else(what: str) -> None:
    key = ApiKey("k", AIKO, "集計", SHA, read_only=True)
    assert key.allows(what) == what.startswith("read_")


@pytest.mark.parametrize("what", sorted(MAY))
def test_a_key_with_a_list_does_what_is_on_it(what: str) -> None:
    key = ApiKey("k", AIKO, "集計", SHA, only=("comment", "read_own_tasks"))
    assert key.allows(what) == (what in ("comment", "read_own_tasks"))


@pytest.mark.parametrize("limits", [{"expires_at": SOON}, {"only": ("issue_api_key",)}, {"read_only": True}], ids=str)
def test_a_key_with_limits_makes_no_key(limits: dict[str, Any]) -> None:
    with pytest.raises(KeyLimited):
        check_key(ApiKey("k", AIKO, "集計", SHA, **limits), "issue_api_key")


def test_a_key_is_open_until_it_expires() -> None:
    key = ApiKey("k", AIKO, "集計", SHA, SOON)
    assert key.is_open(SOON - timedelta(microseconds=1))
    assert not key.is_open(SOON)
