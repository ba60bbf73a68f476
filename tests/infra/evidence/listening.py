"""An HTTP server on this machine that answers what a test says, and keeps what it was asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread

Answer = tuple[int, bytes]


@dataclass
class Heard:
    """What came: the headers, in lower case, and the body of each request."""

    url: str
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening(answer: Callable[[bytes], Answer], tls: SSLContext | None = None) -> Iterator[Heard]:
    """A server for as long as the block runs; over TLS it is called `localhost`."""
    heard = Heard("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # as the library calls it
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, content = answer(body)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        where = f"{server.server_address[1]}/checkpoints"
        heard.url = f"https://localhost:{where}" if tls is not None else f"http://127.0.0.1:{where}"
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()
