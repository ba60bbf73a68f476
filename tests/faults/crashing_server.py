"""An embedded PostgreSQL that can be killed, and started again where it was."""

import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self

import psutil
import psycopg

from infra.embedded_postgres import EmbeddedPostgres
from infra.migrations import migrate


class CrashingServer:
    """One data folder and one port. It keeps its word: what it said is committed survives its end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ashiato-crashing-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._server = self._start()

    @property
    def dsn(self) -> str:
        """The same before and after a crash."""
        return self._server.cluster.dsn(self._port)

    def kill(self) -> None:
        """End the server and all its sessions without warning."""
        postmaster = psutil.Process(self._server.pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes)

    def start(self) -> None:
        """Start again after `kill()`; recovery included."""
        self._server.stop()
        self._server = self._start()

    def _start(self) -> EmbeddedPostgres:
        # The machine survives our crashes, and with it what the server wrote: only that must not be put off.
        settings = {"port": str(self._port), "synchronous_commit": "on"}
        return EmbeddedPostgres.start(self._folder, durable=False, settings=settings)

    def __enter__(self) -> Self:
        migrate(self.dsn)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.rmtree(self._server.folder, ignore_errors=True)


def ask(dsn: str, question: LiteralString) -> list[tuple[Any, ...]]:
    """The rows of one question."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(question).fetchall()
