"""Which issuer is trusted, and how its tokens are read."""

from dataclasses import dataclass
from urllib.parse import urlsplit

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Algorithms whose verifier cannot sign: with any other the issuer's published keys would be secrets."""
USUAL = ("RS256", "ES256", "EdDSA")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class IssuerWrong(ValueError):
    """What the issuer is, or answered, is not what an issuer is or answers."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One issuer. `skew` in seconds; claims by their names; `links_by_email`: see docs/decisions/023."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = USUAL
    skew: int = 60
    tenant_claim: str = "ashiato_tenant"
    email_claim: str = "email"
    links_by_email: bool = True


def check_address(url: str) -> str:
    """A URL that may be trusted to lead to the issuer: https, or this machine itself. Raises IssuerWrong."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise IssuerWrong("expected an address, but got something else") from None
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise IssuerWrong("expected an https address, but got another")
    return url
