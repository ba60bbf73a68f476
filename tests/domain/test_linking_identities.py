"""Whom an identity provider's subject stands for: nobody takes a membership over by having an address."""

import pytest

from domain.ids import MemberId
from domain.refusals import InvalidInput, NotFound, NotPermitted, ReasonMissing
from domain.tenants import identity_events as e
from domain.tenants.folding import fold
from domain.tenants.identities import IdentityTaken, claim_identity, link_identity, unlink_identity
from tests.given import given
from tests.people import AIKO, BUNTA, CHIE, EMI, FUMIO, GORO, HANA, JIRO, KANA, STRANGER, TENANT, address

ADMIN, OWNER = TENANT.members[FUMIO], TENANT.members[EMI]
ISSUER, OTHER = "https://id.example", "https://other.example"
LINKED = e.MemberLinked(AIKO, ISSUER, "sub-1")


@pytest.mark.parametrize(
    ("member", "name"), [(AIKO, "aiko"), (BUNTA, "bunta"), (GORO, "goro"), (HANA, "hana")], ids=str
)
def test_a_verified_address_links_a_subject_the_first_time(member: MemberId, name: str) -> None:
    given().when(claim_identity, member, ISSUER, "sub-1", address(name)).then(e.MemberLinked(member, ISSUER, "sub-1"))


@pytest.mark.parametrize(("member", "name"), [(EMI, "emi"), (FUMIO, "fumio")], ids=["owner", "admin"])
def test_no_address_makes_anybody_an_owner_or_admin(member: MemberId, name: str) -> None:
    given().when(claim_identity, member, ISSUER, "sub-1", address(name)).refuses(NotFound)


@pytest.mark.parametrize(
    ("member", "name"), [(JIRO, "jiro"), (KANA, "kana"), (STRANGER, "x")], ids=["invited", "left", "unknown"]
)
def test_only_active_members_are_linked_by_address(member: MemberId, name: str) -> None:
    given().when(claim_identity, member, ISSUER, "sub-1", address(name)).refuses(NotFound)


def test_another_address_links_nobody() -> None:
    given().when(claim_identity, AIKO, ISSUER, "sub-1", address("chie")).refuses(NotFound)


def test_an_address_that_changed_hands_does_not_take_a_membership_over() -> None:
    given(LINKED).when(claim_identity, AIKO, ISSUER, "sub-2", address("aiko")).refuses(IdentityTaken)


def test_a_subject_stands_for_one_member() -> None:
    given(LINKED).when(claim_identity, CHIE, ISSUER, "sub-1", address("chie")).refuses(IdentityTaken)
    given(LINKED).when(link_identity, CHIE, ISSUER, "sub-1", ADMIN, "理由").refuses(IdentityTaken)


def test_linking_again_changes_nothing() -> None:
    given(LINKED).when(claim_identity, AIKO, ISSUER, "sub-1", address("aiko")).changes_nothing()
    given(LINKED).when(link_identity, AIKO, ISSUER, "sub-1", ADMIN, "理由").changes_nothing()


def test_an_admin_links_with_a_reason() -> None:
    given().when(link_identity, AIKO, ISSUER, "sub-1", ADMIN, "入社").then(LINKED)
    given().when(link_identity, AIKO, ISSUER, "sub-1", ADMIN, None).refuses(ReasonMissing)


@pytest.mark.parametrize("member", [EMI, FUMIO], ids=["owner", "admin"])
def test_only_an_owner_links_owners_and_admins(member: MemberId) -> None:
    given().when(link_identity, member, ISSUER, "sub-9", ADMIN, "理由").refuses(NotPermitted, "an owner")
    given().when(link_identity, member, ISSUER, "sub-9", OWNER, "理由").then(e.MemberLinked(member, ISSUER, "sub-9"))


def test_a_member_has_one_subject_of_an_issuer_and_may_have_one_of_another() -> None:
    given(LINKED).when(link_identity, AIKO, ISSUER, "sub-2", ADMIN, "理由").refuses(IdentityTaken, "unlink it first")
    given(LINKED).when(link_identity, AIKO, OTHER, "sub-1", ADMIN, "理由").then(e.MemberLinked(AIKO, OTHER, "sub-1"))


@pytest.mark.parametrize(
    ("issuer", "subject", "field"),
    [("id.example", "s", "issuer"), ("https://a b", "s", "issuer"), (ISSUER, "", "subject"), (ISSUER, "文", "subject")],
)
def test_what_no_token_can_hold_is_not_linked(issuer: str, subject: str, field: str) -> None:
    given().when(link_identity, AIKO, issuer, subject, ADMIN, "理由").refuses(InvalidInput, field)


def test_unlinking_ends_every_identity_with_a_reason() -> None:
    history = (LINKED, e.MemberLinked(AIKO, OTHER, "other 1"))
    given(*history).when(unlink_identity, AIKO, ADMIN, "紛失").then(
        e.MemberUnlinked(AIKO, ISSUER, "sub-1"), e.MemberUnlinked(AIKO, OTHER, "other 1")
    )
    given(*history).when(unlink_identity, AIKO, ADMIN, None).refuses(ReasonMissing)
    given().when(unlink_identity, AIKO, ADMIN, "紛失").changes_nothing()


def test_an_admin_does_not_unlink_an_owner() -> None:
    own = e.MemberLinked(EMI, ISSUER, "sub-1")
    given(own).when(unlink_identity, EMI, ADMIN, "理由").refuses(NotPermitted)
    given(own).when(unlink_identity, EMI, OWNER, "理由").then(e.MemberUnlinked(EMI, ISSUER, "sub-1"))


def test_who_is_linked_is_found_until_they_are_not() -> None:
    tenant = fold([LINKED], TENANT)
    assert (tenant.linked(ISSUER, "sub-1"), tenant.linked(OTHER, "sub-1")) == (AIKO, None)
    assert fold([e.MemberUnlinked(AIKO, ISSUER, "sub-1")], tenant).linked(ISSUER, "sub-1") is None
