"""Keys: who holds one acts as a member, so a member issues their own, and nobody acts as another."""

from datetime import datetime, timedelta

from domain.ids import MemberId
from domain.reasons import need_reason
from domain.refusals import InvalidInput, NotFound, NotPermitted
from domain.tenants import events as e
from domain.tenants.decisions import check_owner
from domain.tenants.member import ApiKey, Member
from domain.tenants.permissions import ADMINS, MAY
from domain.tenants.state import Tenant
from domain.text import check_text

MOST_DAYS = 3_660


class KeyLimited(NotPermitted):
    """The key was issued with limits, and this is beyond them."""

    code = "key_limited"


def first_key(tenant: Tenant, key: str, member: MemberId, label: str, sha256: str) -> list[e.TenantEvent]:
    """The key that somebody receives as they sign up or join."""
    return [] if key in tenant.keys else [e.ApiKeyIssued(key, member, label, sha256)]


def check_key(key: ApiKey, what: str) -> None:
    """Refuse what a key's limits leave no room for; one with limits makes no key that has others."""
    if not key.allows(what) or (what == "issue_api_key" and key.has_limits):
        raise KeyLimited(f"expected a key that may {what.replace('_', ' ')}, but this one's limits do not cover it")


def issue_api_key(
    tenant: Tenant,
    key: str,
    member: MemberId,
    label: str,
    sha256: str,
    by: Member,
    reason: str | None,
    at: datetime,
    expires_at: datetime | None = None,
    read_only: bool = False,
    only: tuple[str, ...] | None = None,
) -> list[e.TenantEvent]:
    """Take another key for oneself; the caller shows it once and forgets it. An owner may help in who has none.

    Its limits: when it ends, whether it only reads, and the rows of the table of permissions that are all it does.
    """
    if key in tenant.keys:
        return []
    if not tenant.is_active(member):
        raise NotFound("expected an active member to give a key to, but there is none of that id")
    if member != by.id:
        _to_help_in(tenant, member, by, reason)
    _check_limits(expires_at, only, at)
    label, rows = check_text("label", label, 100), None if only is None else tuple(sorted(set(only)))
    return [e.ApiKeyIssued(key, member, label, sha256, expires_at, read_only, rows)]


def revoke_api_key(tenant: Tenant, key: str, by: Member, reason: str | None) -> list[e.TenantEvent]:
    """Make a key open nothing any more: one's own, or with a reason another's."""
    if key in tenant.revoked:
        return []
    found = tenant.keys.get(key)
    if found is None:
        raise NotFound("expected a key of the company, but there is none of that id")
    if found.member != by.id:
        _to_shut_out(tenant.members[found.member], by, reason)
    return [e.ApiKeyRevoked(key)]


def _check_limits(expires_at: datetime | None, only: tuple[str, ...] | None, at: datetime) -> None:
    if expires_at is not None and not at < expires_at <= at + timedelta(days=MOST_DAYS):
        raise InvalidInput("expected an instant from now to ten years ahead, but got another", field="expires_at")
    unknown = sorted(set(only or ()) - set(MAY))
    if unknown or only == ():
        raise InvalidInput(
            f"expected rows of the table of permissions, but got {unknown[:3] or 'none'}", field="only"
        )


def _to_help_in(tenant: Tenant, member: MemberId, by: Member, reason: str | None) -> None:
    """Someone who came back, or lost their last key, cannot issue one; a second key would make two of them."""
    check_owner("owner", by, "issue a key for someone else")
    if tenant.has_key(member):
        raise NotPermitted("expected someone without a key to issue one for, but they have one")
    need_reason(reason, "issue a key for someone else")


def _to_shut_out(holder: Member, by: Member, reason: str | None) -> None:
    if by.permission not in ADMINS:
        raise NotPermitted("expected one of admin, owner to revoke another's key, but they are " + by.permission)
    check_owner(holder.permission, by, "revoke an owner's key")
    need_reason(reason, "revoke another's key")
