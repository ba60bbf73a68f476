"""Tokens that must not open anything: all get the answer of a wrong key, and no log holds one."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable, Iterator
from hashlib import sha256
from time import time
from typing import Any

import pytest
import pytest_asyncio
from joserfc.jwk import import_key
from structlog.testing import capture_logs

from tests.oidc_issuer import Issuer, issuer
from tests.services.api.signing import member, reading, status, verified
from tests.services.api.world import Company, World, world


@pytest.fixture(scope="module")
def idp() -> Iterator[Issuer]:
    """An issuer that all tests of this file share; those who change it put it right again."""
    with issuer() as running:
        yield running


@pytest_asyncio.fixture
async def api(database: str, idp: Issuer) -> AsyncIterator[World]:
    async with world(database, tokens=reading(idp)) as made:
        yield made


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def resigned(token: str, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """The same claims under another header, signed in another way."""
    signed = f"{encoded(header)}.{token.split('.')[1]}"
    return f"{signed}.{base64.urlsafe_b64encode(sign(signed.encode())).rstrip(b'=').decode()}"


def forged(idp: Issuer, acme: Company) -> dict[str, str]:
    """Tokens that must not open anything, each with one thing wrong."""
    good, now = verified(acme), int(time())
    token = idp.token(**good)
    rsa = next(key for key in idp.published() if key["kty"] == "RSA")
    pem = import_key(rsa, "RSA").as_pem(private=False)
    head, claims, signature = token.split(".")

    def by(secret: bytes) -> Callable[[bytes], bytes]:
        return lambda text: hmac.new(secret, text, sha256).digest()

    return {
        "alg none": f"{encoded({'alg': 'none', 'kid': rsa['kid']})}.{claims}.",
        "alg none, signed": f"{encoded({'alg': 'none', 'kid': rsa['kid']})}.{claims}.{signature}",
        "alg None": resigned(token, {"alg": "None", "kid": rsa["kid"]}, lambda _: b"x"),
        "hs256 with the public key in PEM": resigned(token, {"alg": "HS256", "kid": rsa["kid"]}, by(pem)),
        "hs256 with the public key in JWK": resigned(
            token, {"alg": "HS256", "kid": rsa["kid"]}, by(json.dumps(rsa).encode())
        ),
        "hs256 with nothing": resigned(token, {"alg": "HS256", "kid": rsa["kid"]}, by(b"")),
        "another kind of key": resigned(token, {"alg": "ES256", "kid": rsa["kid"]}, lambda _: b"x" * 64),
        "an algorithm that is not configured": resigned(token, {"alg": "PS256", "kid": rsa["kid"]}, lambda _: b"x"),
        "no kid": idp.token(header={"kid": None}, **good),
        "an unknown kid": idp.token(header={"kid": "nowhere"}, **good),
        "a kid of another key": idp.token(header={"kid": "ES256-1"}, **good),
        "a key of its own": idp.token(header={"kid": "nowhere", "jwk": rsa}, **good),
        "crit": resigned(token, {"alg": "RS256", "kid": rsa["kid"], "crit": ["b64"], "b64": True}, lambda _: b"x"),
        "another signature": f"{head}.{claims}.{signature[:-6]}AAAAAA",
        "no signature": f"{head}.{claims}.",
        "other claims": f"{head}.{encoded({**good, 'sub': 'sub-1', 'exp': now + 600})}.{signature}",
        "wrong issuer": idp.token(**good, iss="https://elsewhere.example"),
        "issuer with a slash": idp.token(**good, iss=f"{idp.name}/"),
        "no issuer": idp.token(**good, iss=None),
        "wrong audience": idp.token(**good, aud="payroll"),
        "other audiences": idp.token(**good, aud=["payroll", "wiki"]),
        "no audience": idp.token(**good, aud=None),
        "expired": idp.token(**good, exp=now - 61),
        "no end": idp.token(**good, exp=None),
        "an end that is text": idp.token(**good, exp="tomorrow"),
        "not yet": idp.token(**good, nbf=now + 120),
        "issued in the future": idp.token(**good, iat=now + 120),
        "no subject": idp.token(**good, sub=None),
        "a subject that is a number": idp.token(**good, sub=7),
        "an empty subject": idp.token(**good, sub=""),
        "no company": idp.token(**{**good, "ashiato_tenant": None}),
        "a company that is no id": idp.token(**{**good, "ashiato_tenant": "acme"}),
        "a list of companies": idp.token(**{**good, "ashiato_tenant": [acme.tenant]}),
        "nothing in it": "a.b.c",
        "very long": f"{head}.{claims}.{signature}{'A' * 9000}",
    }


async def test_no_forged_token_opens_anything_and_all_get_the_answer_of_a_wrong_key(
    api: World, acme: Company, idp: Issuer
) -> None:
    await member(acme)
    assert await status(api, idp.token(**verified(acme))) == 200
    before = api.events()
    wrong = await api.as_("ashiato_nothing").get("/v1/me")
    for name, token in forged(idp, acme).items():
        answer = await api.as_(token).get("/v1/me")
        assert (name, answer.status_code, answer.content) == (name, 401, wrong.content)
        assert answer.headers == wrong.headers
    assert api.events() == before


async def test_no_log_holds_a_token(api: World, acme: Company, idp: Issuer) -> None:
    await member(acme)
    with capture_logs() as lines:
        for token in (idp.token(**verified(acme)), *forged(idp, acme).values()):
            await status(api, token)
    assert "eyJ" not in json.dumps(lines, default=str)
