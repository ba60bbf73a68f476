"""Bearer tokens (JWT) of the configured issuer: verified once, and known until they expire.

A token is taken when all of this holds: its algorithm is one of those configured, its key is one that the issuer
publishes under the `kid` it names and is of the algorithm's kind, its signature fits, it comes from the issuer, is for
this audience, has an end that has not come, has begun, and names a company and a subject. Tokens are never logged, and
known by their SHA-256 only.
"""

import re
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key
from joserfc.util import urlsafe_b64decode

from domain.tenants.identities import SUBJECT
from infra.oidc.configuration import Configuration
from infra.oidc.keys import IssuerKeys

LONGEST = 8_192
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_KNOWN = 10_000
KNOWN_SECONDS = 300.0
"""For how long a verified token is taken at a glance: a key that the issuer withdraws counts no longer than that."""

KINDS: Mapping[str, str] = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
CURVES: Mapping[str, str] = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a good token speaks for. `email` only when the issuer says that it has verified it."""

    issuer: str
    subject: str
    tenant: str
    email: str | None


class Tokens:
    """Verifies tokens of one issuer."""

    def __init__(self, configuration: Configuration, keys: IssuerKeys) -> None:
        self._configuration = configuration
        self._keys = keys
        self._known: OrderedDict[bytes, tuple[float, float, Verified]] = OrderedDict()

    @property
    def links_by_email(self) -> bool:
        """Whether a verified address may link a subject that comes for the first time."""
        return self._configuration.links_by_email

    async def verify(self, token: str, at: datetime) -> Verified | None:
        """Whom the token speaks for; None when it opens nothing. Raises IssuerUnavailable."""
        now, name = at.timestamp(), sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(name)
        if known is not None and known[0] <= now < known[1]:
            return known[2]
        claims = await self._claims(token, now)
        if claims is None:
            return None
        verified = _verified(claims, self._configuration)
        if verified is not None:
            ends = min(float(claims["exp"]) + self._configuration.skew, now + KNOWN_SECONDS)
            self._keep(name, now, ends, verified)
        return verified

    async def _claims(self, token: str, now: float) -> Mapping[str, Any] | None:
        header = header_of(token)
        if header is None or header.get("alg") not in self._configuration.algorithms or "crit" in header:
            return None
        algorithm, kid = str(header["alg"]), header.get("kid")
        if not isinstance(kid, str) or not kid:
            return None
        key = await self._keys.find(kid)
        if key is None or not fits(key, algorithm):
            return None
        return self._decoded(token, key, algorithm, now)

    def _decoded(self, token: str, key: Key, algorithm: str, now: float) -> Mapping[str, Any] | None:
        asked = self._configuration
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=asked.skew,
            iss={"essential": True, "value": asked.issuer},
            aud={"essential": True, "value": asked.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            with warnings.catch_warnings():
                # What RFC 9864 deprecates is the name EdDSA, which issuers still use; `fits` asks for Ed25519.
                warnings.simplefilter("ignore", SecurityWarning)
                claims = jwt.decode(token, key, algorithms=[algorithm]).claims
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, RecursionError, OverflowError):
            return None
        return claims

    def _keep(self, name: bytes, since: float, ends: float, verified: Verified) -> None:
        self._known[name] = since, ends, verified
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


def is_token(text: str) -> bool:
    """True for what has the form of a signed token."""
    return len(text) <= LONGEST and SHAPE.fullmatch(text) is not None


def header_of(token: str) -> Mapping[str, Any] | None:
    """What a token says of itself, which is not trusted: it only names the key to verify it with."""
    try:
        raw = urlsafe_b64decode(token.partition(".")[0].encode())
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (ValueError, RecursionError):
        return None


def fits(key: Key, algorithm: str) -> bool:
    """True when the key is of the algorithm's kind and curve, and not published for another one."""
    told = key.as_dict(private=False)
    if told.get("alg", algorithm) != algorithm or key.key_type != KINDS[algorithm[:2]]:
        return False
    return algorithm not in CURVES or told.get("crv") == CURVES[algorithm]


def _verified(claims: Mapping[str, Any], asked: Configuration) -> Verified | None:
    subject, tenant = claims["sub"], str(claims.get(asked.tenant_claim)).lower()
    if not SUBJECT.fullmatch(subject) or not UUID.fullmatch(tenant):
        return None
    email = claims.get(asked.email_claim)
    is_good = isinstance(email, str) and claims.get("email_verified") is True
    return Verified(asked.issuer, subject, tenant, str(email).strip().lower() if is_good else None)
