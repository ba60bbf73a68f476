"""Who may see figures of all companies together, wherever they are asked for."""

from collections.abc import Container
from hmac import compare_digest
from ipaddress import ip_address

BY_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def shows_token(token: str, authorization: bytes) -> bool:
    """Whether the operator's token is shown."""
    return compare_digest(authorization, b"Bearer " + token.encode())


def asks_from_here(peer: str, headers: Container[str]) -> bool:
    """Whether somebody asks from this machine and through no proxy: `headers` are their names in small letters."""
    try:
        here = ip_address(peer).is_loopback
    except ValueError:
        return False
    return here and not any(header in headers for header in BY_PROXY)
