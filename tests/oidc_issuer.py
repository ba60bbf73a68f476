"""A real OpenID Connect issuer for tests: a process of its own on loopback that publishes keys and signs tokens.

`python -m tests.oidc_issuer` prints its port. Beside discovery and keys it answers POSTs: /token signs claims,
/rotate brings new keys, /say changes what discovery says.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

import httpx2

KINDS: dict[str, tuple[Any, Any]] = {"RS256": ("RSA", 2048), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}


class Issuer:
    """The issuer as a test sees it: its address, and what it signs."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.name = f"http://127.0.0.1:{port}"

    def post(self, path: str, body: Any = None) -> Any:
        """What it answers."""
        return httpx2.post(self.name + path, json=body or {}, timeout=5, trust_env=False).raise_for_status().json()

    def token(self, alg: str = "RS256", /, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that it signs; None as a claim or in the header takes a part away."""
        return str(self.post("/token", {"alg": alg, "header": header or {}, "claims": claims})["token"])

    def rotate(self, *, forget: bool = False) -> None:
        """New keys beside the old ones, or in their place."""
        self.post("/rotate", {"forget": forget})

    def fetched(self) -> int:
        """How often its keys were fetched."""
        return int(self.post("/fetched")["times"])

    def published(self) -> list[dict[str, Any]]:
        """The keys that it publishes."""
        return list(self.post("/published")["keys"])

    def end(self) -> None:
        """It is down from now on."""
        self.process.kill()
        self.process.wait()


@contextmanager
def issuer() -> Iterator[Issuer]:
    """An issuer that runs as long as the block does."""
    command = [sys.executable, "-m", "tests.oidc_issuer"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Issuer(process, int(process.stdout.readline()))
        finally:
            process.kill()


class Books:
    """What the issuer's process holds."""

    def __init__(self, name: str) -> None:
        self.name = self.says = name
        self.keys: dict[str, Any] = {}
        self.current: dict[str, str] = {}
        self.fetched = self.generation = 0
        self.rotate({})

    def rotate(self, asked: dict[str, Any]) -> Any:
        from joserfc.jwk import generate_key

        self.generation += 1
        if asked.get("forget"):
            self.keys.clear()
        for alg, (kind, size) in KINDS.items():
            kid = f"{alg}-{self.generation}"
            self.keys[kid] = generate_key(kind, size, {"kid": kid, "use": "sig", "alg": alg})
            self.current[alg] = kid
        return {}

    def token(self, asked: dict[str, Any]) -> Any:
        import warnings

        from joserfc import jwt

        warnings.simplefilter("ignore")
        kid = self.current[asked["alg"]]
        now = int(time())
        usual = {"iss": self.name, "aud": "ashiato", "sub": "sub-1", "iat": now, "exp": now + 600}
        claims = {name: value for name, value in {**usual, **asked["claims"]}.items() if value is not None}
        header = {"alg": asked["alg"], "kid": kid, **asked["header"]}
        header = {name: value for name, value in header.items() if value is not None}
        return {"token": jwt.encode(header, claims, self.keys[kid], algorithms=[asked["alg"]])}

    def say(self, asked: dict[str, Any]) -> Any:
        self.says = asked["issuer"]
        return {}

    def published(self, _: dict[str, Any]) -> Any:
        return {"keys": [key.as_dict(private=False) for key in self.keys.values()]}

    def times(self, _: dict[str, Any]) -> Any:
        return {"times": self.fetched}

    def jwks(self) -> Any:
        self.fetched += 1
        return self.published({})

    def discovery(self) -> Any:
        return {"issuer": self.says, "jwks_uri": f"{self.name}/jwks"}


class Handler(BaseHTTPRequestHandler):
    """Answers."""

    books: Books

    def do_GET(self) -> None:
        known = {"/.well-known/openid-configuration": self.books.discovery, "/jwks": self.books.jwks}
        self._send(known[self.path]())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        books = self.books
        known = {
            "/token": books.token,
            "/rotate": books.rotate,
            "/say": books.say,
            "/fetched": books.times,
            "/published": books.published,
        }
        self._send(known[self.path](asked))

    def _send(self, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 – the base class's name
        """Say nothing."""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.books = Books(f"http://127.0.0.1:{server.server_port}")
    print(server.server_port, flush=True)  # noqa: T201 – that is how its starter learns it
    server.serve_forever()


if __name__ == "__main__":
    main()
