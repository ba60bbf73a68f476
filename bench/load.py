"""A load for HTTP servers that costs little itself: prebuilt bytes, keep-alive, one small process of its own.

`run()` starts that process; it reads the requests from its input and writes what it found as JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

from bench.harness import Figures

PATIENCE = 30.0

Requests = Sequence[bytes]
"""Requests that one connection sends one after the other."""


class LoadFailedError(Exception):
    """A request was refused or the connection lost: the figures of such a round mean nothing."""


def run(port: int, connections: int, seconds: float, chains: Iterable[Requests]) -> Figures:
    """Load localhost for `seconds` or until no chain is left; "rate" a second, "p50_ms" and "p99_ms"."""
    given = json.dumps([[request.decode("latin-1") for request in chain] for chain in chains])
    command = [sys.executable, "-m", "bench.load", str(port), str(connections), str(seconds)]
    ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603 – ourselves
    if ended.returncode:
        raise LoadFailedError(ended.stderr.strip()[-2000:])
    found = json.loads(ended.stdout)
    return {name: float(figure) for name, figure in found.items()}


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as it goes over the wire; names and values are ASCII."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["content-type: application/json", f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


@dataclass(slots=True)
class Tally:
    """What all connections found together."""

    chains: Iterator[Requests]
    ended: asyncio.Future[None]
    took: list[float] = field(default_factory=list)

    def end(self, failure: str | None = None) -> None:
        """Stop the measuring, once."""
        if self.ended.done():
            return
        if failure is None:
            self.ended.set_result(None)
            return
        self.ended.set_exception(LoadFailedError(failure))


class Caller(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last is complete."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._mine: Iterator[bytes] = iter(())
        self._seen = b""
        self._sent = 0.0
        self.idle = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        # not checked by isinstance: uvloop's transports are no subclass
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server must not close; at the end it is us who do."""
        self._tally.end(f"expected the connection to stay, but it was lost: {exc}")

    def data_received(self, data: bytes) -> None:
        """Note a complete answer and send the next request."""
        self._seen = self._seen + data if self._seen else data
        if not complete(self._seen):
            return
        if self._tally.ended.done():
            self.idle.set()
            return
        self._tally.took.append(time.perf_counter() - self._sent)
        if self._seen[9:10] != b"2":
            self._tally.end(f"expected 2xx, but the answer was {self._seen[:600].decode('latin-1')}")
            return
        self._seen = b""
        self.send()

    def send(self) -> None:
        """Send the next request of the chain, or of the next chain."""
        following = next(self._mine, None)
        while following is None:
            chain = next(self._tally.chains, None)
            if chain is None:
                self.idle.set()
                self._tally.end()
                return
            self._mine = iter(chain)
            following = next(self._mine, None)
        self._sent = time.perf_counter()
        self._transport.write(following)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def complete(answer: bytes) -> bool:
    """Whether an answer with a content-length, or without a body, is there to its last byte."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        if head[9:12] in {b"204", b"304"}:
            return True
        raise LoadFailedError(f"expected a content-length, but the answer was {head.decode('latin-1')}")
    stop = head.find(b"\r\n", at + 2)
    length = int(head[at + 17 : stop if stop > 0 else end])
    return len(answer) >= end + 4 + length


async def load(port: int, connections: int, seconds: float, chains: Iterator[Requests]) -> dict[str, float]:
    """Open the connections, then start the clock; end at `seconds`, or when one finds no more work."""
    loop = asyncio.get_running_loop()
    tally = Tally(chains, loop.create_future())
    opened = [loop.create_connection(lambda: Caller(tally), "127.0.0.1", port) for _ in range(connections)]
    callers = [caller for _, caller in await asyncio.gather(*opened)]
    started = time.perf_counter()
    timer = loop.call_later(seconds, tally.end)
    for caller in callers:
        caller.send()
    await tally.ended
    passed = time.perf_counter() - started
    timer.cancel()
    # what is still under way is not counted, but must not disturb whoever is measured next
    await asyncio.wait_for(asyncio.gather(*(caller.idle.wait() for caller in callers)), PATIENCE)
    for caller in callers:
        caller.close()
    return figures(tally.took, passed)


def figures(took: list[float], passed: float) -> dict[str, float]:
    """Answers a second; the middle and the 99th percentile of their times in milliseconds."""
    if not took:
        raise LoadFailedError("expected answers, but none came in time")
    ordered = sorted(took)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.99)]
    return {"rate": len(took) / passed, "p50_ms": at[0] * 1000, "p99_ms": at[1] * 1000}


def main() -> None:
    """The process: arguments are port, connections and seconds."""
    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    chains = iter([[each.encode("latin-1") for each in chain] for chain in json.load(sys.stdin)])
    print(json.dumps(uvloop.run(load(port, connections, seconds, chains))))


if __name__ == "__main__":
    main()
