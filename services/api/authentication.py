"""Who asks: an API key, checked against the company as it was at most a second ago.

Every failure is the same refusal, after the same wait. A key that is not known yet is looked for in the log once
more: it may have been issued a moment ago by another process. Nothing secret is kept between requests.
"""

import asyncio
from hmac import compare_digest

from domain.tenants.state import Tenant
from services.api.call import Caller
from services.api.deps import Deps
from services.api.keys import KEY, Presented, presented
from services.api.refusals import Unauthenticated

BEARER = "bearer "
NO_ONE = "0" * 64
FRESH = 0.0


async def authenticate(deps: Deps, header: bytes | None) -> Caller:
    """The caller behind an Authorization header, or Unauthenticated."""
    shown = _shown(header)
    if shown is None:
        raise Unauthenticated
    caller = _caller(await deps.commands.tenant(shown.tenant), shown)
    if caller is not None:
        return caller
    loop = asyncio.get_running_loop()
    until = loop.time() + deps.settings.unknown_seconds
    caller = _caller(await deps.commands.tenant(shown.tenant, FRESH), shown)
    if caller is not None:
        return caller
    await asyncio.sleep(until - loop.time())
    raise Unauthenticated


def _shown(header: bytes | None) -> Presented | None:
    text = header.decode("latin-1") if header else ""
    if text[:7].lower() != BEARER:
        return None
    return presented(KEY, text[7:].strip())


def _caller(tenant: Tenant, shown: Presented) -> Caller | None:
    key = tenant.keys.get(shown.id)
    # An unknown key is compared too, so that it takes as long as a known one.
    same = compare_digest(key.sha256 if key else NO_ONE, shown.sha256)
    if key is None or not same:
        return None
    member = tenant.members[key.member]
    return Caller(shown.tenant, tenant, member, shown.id) if member.status == "active" else None
