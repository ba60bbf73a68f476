"""Keys: who holds one acts as a member, so a member issues their own, and nobody acts as another."""

from domain.ids import MemberId
from domain.reasons import need_reason
from domain.refusals import NotFound, NotPermitted
from domain.tenants import events as e
from domain.tenants.decisions import check_owner
from domain.tenants.permissions import ADMINS
from domain.tenants.state import Member, Tenant
from domain.text import check_text


def first_key(tenant: Tenant, key: str, member: MemberId, label: str, sha256: str) -> list[e.TenantEvent]:
    """The key that somebody receives as they sign up or join."""
    return [] if key in tenant.keys else [e.ApiKeyIssued(key, member, label, sha256)]


def issue_api_key(
    tenant: Tenant, key: str, member: MemberId, label: str, sha256: str, by: Member, reason: str | None
) -> list[e.TenantEvent]:
    """Take another key for oneself; the caller shows it once and forgets it. An owner may help in who has none."""
    if key in tenant.keys:
        return []
    if not tenant.is_active(member):
        raise NotFound("expected an active member to give a key to, but there is none of that id")
    if member != by.id:
        _to_help_in(tenant, member, by, reason)
    return [e.ApiKeyIssued(key, member, check_text("label", label, 100), sha256)]


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
