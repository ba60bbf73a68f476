"""Addresses that others name, and that this program then calls: none of them may lead into our own network.

A name is looked up once, and what was found is what is called: so nobody can have it checked as one host and answer as
another (DNS rebinding).
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 500


class AddressRefused(ValueError):
    """An address that is not called."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What is called: a URL with a numeric host; `host` is the Host header, `name` whom its certificate is of."""

    url: str
    host: str
    name: str


def check_form(url: str, allowed: Sequence[str] = ()) -> None:
    """Whether it may be called at all, without looking anything up. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("expected an https address, but it cannot be read") from None
    if not parts.hostname or len(url) > LONGEST or not _is_plain(url):
        raise AddressRefused(f"expected an https address of at most {LONGEST} ASCII characters, but got something else")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("expected an address without a user, a password or a fragment, but it has one")
    if _is_allowed(parts.hostname, port, allowed) and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https" or port not in (None, 443):
        raise AddressRefused("expected an https address on the usual port, but it is another")
    if _is_number(parts.hostname) and not _is_public(parts.hostname):
        raise AddressRefused("expected an address in the public internet, but it leads elsewhere")


def pinned(url: str, allowed: Sequence[str] = ()) -> Pinned:
    """The address with its host looked up. Raises AddressRefused when that is in a private network."""
    check_form(url, allowed)
    parts = urlsplit(url)
    name, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise AddressRefused("expected the address to have a host that is known, but it has none") from None
    if not _is_allowed(name, parts.port, allowed) and not all(_is_public(one) for one in found):
        raise AddressRefused("expected an address in the public internet, but it leads elsewhere")
    number = min(found)
    where = f"[{number}]" if ":" in number else number
    return Pinned(parts._replace(netloc=f"{where}:{port}").geturl(), parts.netloc, name)


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url and "\\" not in url


def _is_allowed(name: str, port: int | None, allowed: Sequence[str]) -> bool:
    host = f"[{name}]" if ":" in name else name
    return host in allowed or f"{host}:{port}" in allowed


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return bool(inner.is_global and not inner.is_multicast)
