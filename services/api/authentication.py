"""Who asks: an API key or a token of the issuer's, checked against the company as it was at most a second ago.

Every failure is the same refusal, after the same wait. A key that is not known yet is looked for in the log once
more: it may have been issued a moment ago by another process. Nothing secret is kept between requests.
"""

import asyncio
from datetime import datetime
from hmac import compare_digest

from domain.tenants.state import Tenant
from infra.oidc.tokens import is_token
from services.api import identities
from services.api.call import Caller
from services.api.deps import Deps
from services.api.keys import KEY, Presented, presented
from services.api.refusals import Unauthenticated

BEARER = "bearer "
NO_ONE = "0" * 64
FRESH = 0.0


async def authenticate(deps: Deps, header: bytes | None, at: datetime) -> Caller:
    """The caller behind an Authorization header. Raises Unauthenticated, and IssuerUnavailable for tokens."""
    text = _bearer(header)
    shown = presented(KEY, text)
    if shown is None and (deps.tokens is None or not is_token(text)):
        raise Unauthenticated
    loop = asyncio.get_running_loop()
    until = loop.time() + deps.settings.unknown_seconds
    caller = await _by_key(deps, shown, at) if shown else await identities.by_token(deps, text, at)
    if caller is not None:
        return caller
    await asyncio.sleep(until - loop.time())
    raise Unauthenticated


def _bearer(header: bytes | None) -> str:
    text = header.decode("latin-1") if header else ""
    return text[7:].strip() if text[:7].lower() == BEARER else ""


async def _by_key(deps: Deps, shown: Presented, at: datetime) -> Caller | None:
    caller = _caller(await deps.commands.tenant(shown.tenant), shown, at)
    if caller is None:
        caller = _caller(await deps.commands.tenant(shown.tenant, FRESH), shown, at)
    if caller is not None and deps.access is not None:
        deps.access.used(shown.tenant, shown.id, at.date())
    return caller


def _caller(tenant: Tenant, shown: Presented, at: datetime) -> Caller | None:
    key = tenant.keys.get(shown.id)
    # An unknown key is compared too, so that it takes as long as a known one.
    same = compare_digest(key.sha256 if key else NO_ONE, shown.sha256)
    if key is None or not same or not key.is_open(at):
        return None
    member = tenant.members[key.member]
    return Caller(shown.tenant, tenant, member, key) if member.has_access(at) else None
