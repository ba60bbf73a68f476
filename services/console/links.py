"""One-time links into the console, and the sessions they open: in the database, as SHA-256, expiring.

Whatever process made a link, any process lets its bearer in, also after a restart: docs/decisions/016.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from psycopg import AsyncConnection

from domain.ids import MemberId, TenantId
from infra.tenancy import as_tenant
from services.bootstrap import Connections

ENTER = "/console/enter"
LINK_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(hours=12)

FORGET = "DELETE FROM public.console_passes WHERE tenant_id = %s AND until <= %s"
ISSUE = "INSERT INTO public.console_passes (digest, kind, tenant_id, member_id, until) VALUES (%s, 'link', %s, %s, %s)"
OPEN = """
    WITH used AS (
        DELETE FROM public.console_passes WHERE digest = %(link)s AND kind = 'link'
        RETURNING tenant_id, member_id, until)
    INSERT INTO public.console_passes (digest, kind, tenant_id, member_id, until)
    SELECT %(session)s, 'session', tenant_id, member_id, %(until)s FROM used WHERE until > %(now)s RETURNING 1
"""
FIND = """
    SELECT tenant_id::text, member_id::text, until FROM public.console_passes
    WHERE digest = %s AND kind = 'session' AND until > %s
"""
LEAVE = "DELETE FROM public.console_passes WHERE digest = %s AND kind = 'session'"


# Whose passes a statement sees: those of the secrets that were shown, before anyone knows a tenant; or a tenant's.
SHOW = "SELECT set_config('ashiato.passes', %s, true)"


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may enter as whom, and until when."""

    tenant: TenantId
    member: MemberId
    until: datetime


class Links:
    """Links that open one session each, and the sessions that are open."""

    def __init__(
        self, connections: Connections, link_lives: timedelta = LINK_LIVES, session_lives: timedelta = SESSION_LIVES
    ) -> None:
        self._connections = connections
        self._link_lives = link_lives
        self._session_lives = session_lives

    async def issue(self, tenant: TenantId, member: MemberId, now: datetime) -> str:
        """The path and query of a link that lets a member in, once; its secret is not kept."""
        secret = secrets.token_urlsafe(32)
        async with self._connections.connection() as connection, as_tenant(connection, tenant):
            await connection.execute(FORGET, (tenant, now))
            await connection.execute(ISSUE, (_digest(secret), tenant, member, now + self._link_lives))
        return f"{ENTER}?token={secret}"

    async def enter(self, token: str, now: datetime) -> str | None:
        """A session for the bearer of a link's token; None when it was used, has expired or never was."""
        secret = secrets.token_urlsafe(32)
        given = {"link": _digest(token), "session": _digest(secret), "until": now + self._session_lives, "now": now}
        async with self._showing(token, secret) as connection:
            opened = await (await connection.execute(OPEN, given)).fetchone()
        return secret if opened else None

    async def session(self, secret: str, now: datetime) -> Pass | None:
        """Who is there, while the session lasts."""
        if not secret:
            return None
        async with self._showing(secret) as connection:
            found = await (await connection.execute(FIND, (_digest(secret), now))).fetchone()
        return Pass(TenantId(found[0]), MemberId(found[1]), found[2]) if found else None

    async def leave(self, secret: str) -> None:
        """End a session."""
        async with self._showing(secret) as connection:
            await connection.execute(LEAVE, (_digest(secret),))

    @asynccontextmanager
    async def _showing(self, *secrets_shown: str) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection that sees the passes of these secrets; all it is asked goes in one round trip."""
        shown = ",".join(_digest(secret).hex() for secret in secrets_shown)
        async with self._connections.connection() as connection, connection.pipeline():
            await connection.execute(SHOW, (shown,))
            yield connection


def _digest(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()
