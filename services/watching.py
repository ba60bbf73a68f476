"""Health, readiness and figures of a part that has no HTTP API: the relay, and projectors on their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from socket import AF_INET, AF_INET6
from threading import Thread
from typing import ClassVar, Protocol

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from infra.settings import Settings
from services.operating import asks_from_here, shows_token

WELL = ("ready", "relaying", "standing_by")
ARRIVES_WITHIN = 5.0
PLAIN, JSON = "text/plain; version=0.0.4; charset=utf-8", "application/json"


class Watched(Protocol):
    """A part of the program, as it fares at this moment."""

    @property
    def status(self) -> str:
        """In a word."""

    def figures(self) -> Iterator[Metric]:
        """For Prometheus."""


class _Scrape(Collector):
    def __init__(self, part: Watched) -> None:
        self._part = part

    def collect(self) -> Iterator[Metric]:
        return self._part.figures()


class _Handler(BaseHTTPRequestHandler):
    timeout = ARRIVES_WITHIN
    part: ClassVar[Watched]
    token: ClassVar[str | None]

    def do_GET(self) -> None:
        """`/healthz`, `/readyz` and `/metrics`, as the API answers them."""
        if self.path == "/healthz":
            self._answer(200, b'{"status":"ok"}', JSON)
        elif self.path == "/readyz":
            word = self.part.status
            self._answer(200 if word in WELL else 503, dumps({"status": word}).encode(), JSON)
        elif self.path == "/metrics" and self._is_operator():
            registry = CollectorRegistry()
            registry.register(_Scrape(self.part))
            ProcessCollector(registry=registry)
            self._answer(200, generate_latest(registry), PLAIN)
        else:
            self._answer(403 if self.path == "/metrics" else 404, b"", PLAIN)

    def _is_operator(self) -> bool:
        if self.token is None:
            return asks_from_here(self.client_address[0], {name.lower() for name in self.headers})
        return shows_token(self.token, self.headers.get("authorization", "").encode("latin-1"))

    def _answer(self, status: int, body: bytes, media: str) -> None:
        self.send_response(status)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the library
        """Not every look is worth a line."""


@contextmanager
def watched(settings: Settings, part: Watched) -> Iterator[int | None]:
    """Answer at ASHIATO_WATCH_PORT, when there is one, as long as the block lasts; the port. Raises CannotListen."""
    if settings.watch_port is None:
        yield None
        return
    given = {"part": part, "token": settings.operator_token}
    family = AF_INET6 if ":" in settings.host else AF_INET
    kind = type("Server", (ThreadingHTTPServer,), {"address_family": family})
    try:
        server = kind((settings.host, settings.watch_port), type("Handler", (_Handler,), given))
    except OSError as error:
        from services.listening import CannotListen

        host = f"[{settings.host}]" if family == AF_INET6 else settings.host
        where, why = f"{host}:{settings.watch_port}", (error.strerror or "it cannot").lower()
        raise CannotListen(f"expected to be watched at {where}, but {why}: choose another ASHIATO_WATCH_PORT") from None
    with server:
        Thread(target=server.serve_forever, name="watching", daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
