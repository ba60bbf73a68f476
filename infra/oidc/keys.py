"""An issuer's published keys: fetched when they are needed, kept while the issuer is down, looked for when they rotate.

Nobody's request waits longer than `patience` for an issuer, and no number of tokens makes it be asked more often than
every `pause` seconds.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

import httpx2
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from infra.oidc.configuration import IssuerWrong, check_address

DISCOVERY = "/.well-known/openid-configuration"
LARGEST = 1_000_000
"""Bytes of a document of the issuer's."""
MOST_KEYS = 100
LEAST_RSA_BITS = 2_048

log = structlog.get_logger("ashiato.oidc")


class IssuerUnavailable(Exception):
    """The issuer has published no keys that are known here, and does not answer."""


class IssuerKeys:
    """The keys of one issuer by their ids.

    They are fetched anew after `lives` seconds, and when a token names a key that is not among them.
    """

    def __init__(self, issuer: str, patience: float = 3.0, pause: float = 10.0, lives: float = 3_600.0) -> None:
        self._issuer = issuer
        self._patience = patience
        self._pause = pause
        self._lives = lives
        self._keys: Mapping[str, Key] | None = None
        self._fetched = self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> Key | None:
        """The key of that id; None when the issuer has none. Raises IssuerUnavailable."""
        now = monotonic()
        if self._keys is not None and kid in self._keys:
            if now - self._fetched > self._lives:
                self._fetch_soon(now)
            return self._keys[kid]
        fetching = self._fetch_soon(now)
        if fetching is not None:
            # Not cancelled with the request: the next one may need what it brings.
            await asyncio.wait({fetching}, timeout=self._patience)
        if self._keys is None:
            raise IssuerUnavailable("expected the issuer's keys, but it does not answer")
        return self._keys.get(kid)

    async def stop(self) -> None:
        """End a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})

    def _fetch_soon(self, now: float) -> asyncio.Task[None] | None:
        """The fetch under way, or a new one when the last is long enough ago."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if now - self._tried < self._pause:
            return None
        self._tried = now
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                self._keys = await fetch(self._issuer, self._patience)
            self._fetched = monotonic()
        except (httpx2.HTTPError, httpx2.InvalidURL, IssuerWrong, TimeoutError, OSError) as error:
            log.warning("issuer's keys not fetched", error=type(error).__name__, known=self._keys is not None)


async def fetch(issuer: str, patience: float) -> dict[str, Key]:
    """The keys that the issuer publishes now. Raises IssuerWrong, httpx2's errors."""
    async with httpx2.AsyncClient(timeout=patience, follow_redirects=False, trust_env=False) as client:
        found = await _json(client, issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != issuer:
            raise IssuerWrong("expected the issuer's own name in its discovery document, but it has another")
        published = await _json(client, check_address(str(found.get("jwks_uri"))))
    listed = published.get("keys")
    if not isinstance(listed, list):
        raise IssuerWrong("expected a list of keys, but there is none")
    keys = (_key(each) for each in listed[:MOST_KEYS] if isinstance(each, dict))
    return {str(key.kid): key for key in keys if key is not None}


async def _json(client: httpx2.AsyncClient, url: str) -> Mapping[str, Any]:
    async with client.stream("GET", url, headers={"accept": "application/json"}) as answer:
        if answer.status_code != httpx2.codes.OK:
            raise IssuerWrong(f"expected status 200 of the issuer, but got {answer.status_code}")
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise IssuerWrong(f"expected at most {LARGEST} bytes of the issuer, but got more")
    try:
        return msgspec.json.decode(bytes(body), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise IssuerWrong("expected a JSON object of the issuer, but got something else") from error


def _key(published: Mapping[str, Any]) -> Key | None:
    """A key for signatures that can be told by its id; None for any other, and for those that are too weak."""
    kid = published.get("kid")
    if not isinstance(kid, str) or published.get("kty") not in ("RSA", "EC", "OKP") or _is_weak(published):
        return None
    if published.get("use", "sig") != "sig" or "verify" not in published.get("key_ops", ["verify"]):
        return None
    public = {name: value for name, value in published.items() if name not in ("use", "key_ops", "d")}
    try:
        return import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _is_weak(published: Mapping[str, Any]) -> bool:
    """An RSA modulus is base64url: six bits a character, as long as the key."""
    return published.get("kty") == "RSA" and len(str(published.get("n"))) * 6 < LEAST_RSA_BITS
