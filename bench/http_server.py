"""One uvicorn process, started and stopped by the bench; the same settings for every side."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

import psutil

PATIENCE = 60.0
OPTIONS = ("--loop=uvloop", "--http=httptools", "--workers=1", "--no-access-log", "--log-level=warning")


class HttpServer:
    """`uvicorn --factory app` on a free port of localhost; it is up when the constructor returns."""

    def __init__(self, app: str, environment: Mapping[str, str]) -> None:
        """Start it; `app` is "module:factory", `environment` is added to ours."""
        self.port = free_port()
        command = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(self.port), *OPTIONS]
        self._process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603 – the bench's own
        self._wait()

    @property
    def rss_mb(self) -> float:
        """Memory that the process holds, in megabytes of 10⁶ bytes."""
        return float(psutil.Process(self._process.pid).memory_info().rss) / 1e6

    def close(self) -> None:
        """Ask it to end, and wait; without patience for keep-alive connections."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while not _listening(self.port):
            if self._process.poll() is not None or time.monotonic() > until:
                self.close()
                raise RuntimeError(f"expected a server on port {self.port}, but it did not come up")
            time.sleep(0.05)


def free_port() -> int:
    """A port of localhost that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
