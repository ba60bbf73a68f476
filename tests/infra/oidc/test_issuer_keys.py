"""What an issuer publishes is not trusted blindly: where it lies, how large it is, which keys it holds."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from infra.oidc.configuration import ASYMMETRIC, IssuerWrong, check_address
from infra.oidc.keys import LARGEST, IssuerKeys, IssuerUnavailable, fetch
from infra.oidc.tokens import CURVES, KINDS, fits

DISCOVERY = "/.well-known/openid-configuration"
Answer = tuple[int, dict[str, str], bytes]


def a_json(body: Any) -> Answer:
    return 200, {}, json.dumps(body).encode()


@contextmanager
def serving(answers: Callable[[str], dict[str, Answer]]) -> Iterator[str]:
    """A server on loopback that answers paths; what it answers may hold its own address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers(address)[self.path]
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 – the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def published(keys: Any, **says: Any) -> Callable[[str], dict[str, Answer]]:
    return lambda own: {
        DISCOVERY: a_json({"issuer": own, "jwks_uri": f"{own}/jwks", **says}),
        "/jwks": a_json({"keys": keys}),
    }


def public(key: Any, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **more}


EC = ECKey.generate_key("P-256")


async def test_keys_are_found_by_their_ids() -> None:
    keys = [public(EC, kid="a"), public(OKPKey.generate_key("Ed25519"), kid="b")]
    with serving(published(keys)) as issuer:
        assert set(await fetch(issuer, 2.0)) == {"a", "b"}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_what_is_no_good_key_for_signatures_is_passed_over() -> None:
    keys = [
        public(EC, kid="good"),
        public(RSAKey.generate_key(1024), kid="weak"),
        OctKey.generate_key(256).as_dict() | {"kid": "secret"},
        public(EC, kid="for encryption", use="enc"),
        public(EC, kid="for signing", key_ops=["sign"]),
        public(EC),
        public(EC, kid=7),
        public(EC, kid="broken", x="AA"),
        {"kid": "nothing"},
        "text",
    ]
    with serving(published(keys)) as issuer:
        assert set(await fetch(issuer, 2.0)) == {"good"}


@pytest.mark.parametrize(
    "answers",
    [
        published([], issuer="https://elsewhere.example"),
        published([], issuer=None),
        published([], jwks_uri="http://elsewhere.example/jwks"),
        published([], jwks_uri="file:///etc/passwd"),
        published([], jwks_uri=None),
        published({"a": 1}),
        lambda own: {DISCOVERY: (302, {"location": f"{own}/other"}, b""), "/other": a_json({"issuer": own})},
        lambda own: {DISCOVERY: (500, {}, b"{}")},
        lambda own: {DISCOVERY: (200, {}, b"<html>")},
        lambda own: {DISCOVERY: (200, {}, b"[]")},
        lambda own: {DISCOVERY: a_json({"issuer": own, "more": "x" * LARGEST})},
    ],
    ids=["other", "nobody", "http", "file", "nowhere", "no list", "redirect", "error", "html", "list", "large"],
)
async def test_an_issuer_that_does_not_answer_like_one_is_not_believed(
    answers: Callable[[str], dict[str, Answer]],
) -> None:
    with serving(answers) as issuer:
        with pytest.raises(IssuerWrong):
            await fetch(issuer, 2.0)
        with pytest.raises(IssuerUnavailable):
            await IssuerKeys(issuer, 2.0).find("a")


@pytest.mark.parametrize("url", ["http://id.example", "ftp://id.example", "id.example", "https://", "http://[", ""])
def test_an_address_is_https_or_this_machine(url: str) -> None:
    with pytest.raises(IssuerWrong):
        check_address(url)
    for good in ("https://id.example/realm", "http://127.0.0.1:8080", "http://localhost"):
        assert check_address(good) == good


def test_an_algorithm_takes_keys_of_its_own_kind_and_curve_only() -> None:
    keys: dict[str, Key] = {
        "RSA": RSAKey.generate_key(2048),
        "P-256": EC,
        "P-384": ECKey.generate_key("P-384"),
        "P-521": ECKey.generate_key("P-521"),
        "Ed25519": OKPKey.generate_key("Ed25519"),
        "Ed448": OKPKey.generate_key("Ed448"),
    }
    for algorithm in ASYMMETRIC:
        fitting = {name for name, key in keys.items() if fits(key, algorithm)}
        assert fitting == {CURVES.get(algorithm, KINDS[algorithm[:2]])}


def test_a_key_that_is_published_for_one_algorithm_verifies_no_other() -> None:
    key = RSAKey.generate_key(2048, {"alg": "RS256"})
    assert fits(key, "RS256")
    assert not fits(key, "PS256")
