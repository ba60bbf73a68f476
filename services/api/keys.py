"""API keys and invitations as their holders see them: `<kind>_<tenant>_<id>_<secret>`.

The ids are UUIDs in 32 hexadecimal digits, the secret is 32 random bytes in base64url. The log holds only the
SHA-256 of the secret's text.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Literal, NamedTuple

from domain.ids import TenantId

Kind = Literal["ashiato", "ashiato-invitation"]
KEY: Kind = "ashiato"
INVITATION: Kind = "ashiato-invitation"

SHAPE = re.compile(r"(ashiato(?:-invitation)?)_([0-9a-f]{32})_([0-9a-f]{32})_([A-Za-z0-9_-]{43})", re.ASCII)


class Issued(NamedTuple):
    """A new key: the text to show once, and what to keep of it."""

    text: str
    sha256: str


class Presented(NamedTuple):
    """What someone shows: whose it claims to be, and the hash of its secret."""

    tenant: TenantId
    id: str
    sha256: str


def issue(kind: Kind, tenant: str, name: str, chance: Callable[[int], bytes] = secrets.token_bytes) -> Issued:
    """A new secret for a key or a member (UUIDs as text), from 32 bytes of chance."""
    secret = urlsafe_b64encode(chance(32)).rstrip(b"=").decode()
    text = f"{kind}_{tenant.replace('-', '')}_{name.replace('-', '')}_{secret}"
    return Issued(text, sha256(secret.encode()).hexdigest())


def presented(kind: Kind, text: str) -> Presented | None:
    """The parts of a text; None when it is not of that kind."""
    found = SHAPE.fullmatch(text)
    if found is None or found[1] != kind:
        return None
    return Presented(TenantId(_dashed(found[2])), _dashed(found[3]), sha256(found[4].encode()).hexdigest())


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
