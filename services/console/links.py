"""One-time links into the console, and the sessions they open: in memory only, as SHA-256, bounded, expiring."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from domain.ids import MemberId, TenantId

ENTER = "/console/enter"
LINK_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(hours=12)
MOST_LINKS, MOST_SESSIONS = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may enter as whom, and until when."""

    tenant: TenantId
    member: MemberId
    until: datetime


class Passes:
    """Passes by the SHA-256 of a 256-bit secret that only its bearer knows. Beyond `most` the oldest goes."""

    def __init__(self, lives: timedelta, most: int) -> None:
        self._lives = lives
        self._most = most
        self._held: OrderedDict[bytes, Pass] = OrderedDict()

    def issue(self, tenant: TenantId, member: MemberId, now: datetime) -> str:
        """A new secret; it is not kept."""
        secret = secrets.token_urlsafe(32)
        self._held[_digest(secret)] = Pass(tenant, member, now + self._lives)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return secret

    def find(self, secret: str, now: datetime) -> Pass | None:
        """The pass of a secret, while it is good."""
        found = self._held.get(_digest(secret))
        return found if found is not None and now < found.until else None

    def take(self, secret: str, now: datetime) -> Pass | None:
        """The pass of a secret, which is good no more."""
        found = self.find(secret, now)
        self._held.pop(_digest(secret), None)
        return found


class Links:
    """Links that open one session each, and the sessions that are open."""

    def __init__(
        self,
        link_lives: timedelta = LINK_LIVES,
        session_lives: timedelta = SESSION_LIVES,
        most_links: int = MOST_LINKS,
        most_sessions: int = MOST_SESSIONS,
    ) -> None:
        self._links = Passes(link_lives, most_links)
        self._sessions = Passes(session_lives, most_sessions)

    def issue(self, tenant: TenantId, member: MemberId, now: datetime) -> str:
        """The path and query of a link that lets a member in, once."""
        return f"{ENTER}?token={self._links.issue(tenant, member, now)}"

    def enter(self, token: str, now: datetime) -> str | None:
        """A session for the bearer of a link's token; None when it was used, has expired or never was."""
        found = self._links.take(token, now)
        return self._sessions.issue(found.tenant, found.member, now) if found else None

    def session(self, secret: str, now: datetime) -> Pass | None:
        """Who is there, while the session lasts."""
        return self._sessions.find(secret, now)

    def leave(self, secret: str, now: datetime) -> None:
        """End a session."""
        self._sessions.take(secret, now)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()
