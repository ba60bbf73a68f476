"""Whom a token of the issuer's stands for in the company that it names: by its subject, never by an address alone."""

from datetime import datetime

from commands.access import ClaimIdentity
from commands.request import Request
from domain.ids import CommandId, MemberId, TenantId
from domain.refusals import Refusal
from domain.tenants.state import Tenant
from infra.oidc.tokens import Verified
from services.api.call import Caller
from services.api.deps import Deps, Tokens

FRESH = 0.0


async def by_token(deps: Deps, token: str, at: datetime) -> Caller | None:
    """The caller behind a token; None when it opens nothing. Raises IssuerUnavailable."""
    tokens = deps.tokens
    verified = await tokens.verify(token, at) if tokens is not None else None
    if tokens is None or verified is None:
        return None
    tenant_id = TenantId(verified.tenant)
    tenant = await deps.commands.tenant(tenant_id)
    if tenant.linked(verified.issuer, verified.subject) is None:
        tenant = await _fresh(deps, tokens, tenant_id, verified, at)
    member = tenant.linked(verified.issuer, verified.subject)
    found = tenant.members.get(member) if member else None
    return Caller(tenant_id, tenant, found, None) if found is not None and found.has_access(at) else None


async def _fresh(deps: Deps, tokens: Tokens, tenant_id: TenantId, verified: Verified, at: datetime) -> Tenant:
    """The company with the subject linked, when it is or may be: at its first use, by an address of its own."""
    tenant = await deps.commands.tenant(tenant_id, FRESH)
    if tenant.linked(verified.issuer, verified.subject) is not None or not tokens.links_by_email:
        return tenant
    member = _addressed(tenant, verified.issuer, verified.email)
    if member is None or verified.email is None:
        return tenant
    claim = ClaimIdentity(member, verified.issuer, verified.subject, verified.email)
    try:
        await deps.commands.execute(Request(tenant_id, CommandId(deps.new_id()), at, actor=member), claim)
    except Refusal:
        return tenant
    return await deps.commands.tenant(tenant_id, FRESH)


def _addressed(tenant: Tenant, issuer: str, email: str | None) -> MemberId | None:
    """The active member who has an address, one at most, while no other subject stands for them."""
    found = (m.id for m in tenant.members.values() if email and m.email == email and m.status == "active")
    return next((member for member in found if not tenant.subjects_of(member, issuer)), None)
