"""Who an identity provider's tokens stand for: docs/decisions/023 says why an address alone is not enough."""

import re

from domain.ids import MemberId
from domain.reasons import need_reason
from domain.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from domain.tenants import identity_events as e
from domain.tenants.decisions import check_not_erased, member_of
from domain.tenants.member import Member
from domain.tenants.permissions import ADMINS
from domain.tenants.state import Tenant

ISSUER = re.compile(r"https?://[!-~]{1,490}")
SUBJECT = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
"""As OpenID Connect has them: a URL; and at most 255 ASCII characters."""


class IdentityTaken(Refusal):
    """The provider's subject stands for another member, or the member for another of its subjects."""

    code = "identity_taken"
    recorded = True


def link_identity(
    tenant: Tenant, member: MemberId, issuer: str, subject: str, by: Member, reason: str | None
) -> list[e.IdentityEvent]:
    """Say whom a subject stands for, with a reason; owners and admins are linked by an owner."""
    found = member_of(tenant, member)
    need_reason(reason, "link an identity")
    if found.permission in ADMINS and by.permission != "owner":
        raise NotPermitted(f"expected an owner to link an {found.permission}, but they are {by.permission}")
    check_not_erased(found, "link an identity")
    _check_form(issuer, subject)
    if tenant.linked(issuer, subject) == member:
        return []
    _check_free(tenant, member, issuer, subject)
    return [e.MemberLinked(member, issuer, subject)]


def unlink_identity(tenant: Tenant, member: MemberId, by: Member, reason: str | None) -> list[e.IdentityEvent]:
    """Let no token in as this member any more, with a reason; an owner's identity is an owner's to end."""
    found = member_of(tenant, member)
    need_reason(reason, "unlink an identity")
    if found.permission == "owner" and by.permission != "owner":
        raise NotPermitted("expected an owner to unlink an owner, but they are not one")
    own = [name for name, linked in tenant.identities.items() if linked == member]
    return [e.MemberUnlinked(member, *name.split(" ", 1)) for name in own]


def claim_identity(
    tenant: Tenant, member: MemberId, issuer: str, subject: str, email: str
) -> list[e.IdentityEvent]:
    """Link a subject as it comes for the first time, by an address that its provider has verified.

    Not for owners and admins, and not for someone whom another subject stands for: addresses change hands.
    """
    found = tenant.members.get(member)
    if tenant.linked(issuer, subject) == member:
        return []
    if found is None or found.status != "active" or found.email != email or found.permission in ADMINS:
        raise NotFound("expected an active member whom an address may link, but there is none")
    _check_free(tenant, member, issuer, subject)
    return [e.MemberLinked(member, issuer, subject)]


def _check_form(issuer: str, subject: str) -> None:
    if not ISSUER.fullmatch(issuer):
        raise InvalidInput("expected an issuer such as https://id.example, but got something else", field="issuer")
    if not SUBJECT.fullmatch(subject):
        raise InvalidInput("expected 1 to 255 ASCII characters as subject, but got others", field="subject")


def _check_free(tenant: Tenant, member: MemberId, issuer: str, subject: str) -> None:
    if tenant.linked(issuer, subject) is not None:
        raise IdentityTaken("expected a subject that stands for nobody yet, but it stands for another member")
    if tenant.subjects_of(member, issuer):
        raise IdentityTaken("expected a member without a subject of this issuer, but they have one: unlink it first")
