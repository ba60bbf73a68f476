"""A program under load whose parts are killed, for a test's few seconds or for a soak's many minutes."""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from services.bootstrap import write_side
from tests.commands.desks import settle
from tests.faults import driver
from tests.faults.checking import check_all
from tests.faults.crashing_server import CrashingServer
from tests.faults.journal import Remembered, answers_in

PATIENCE_SECONDS = 60.0


class Ordeal:
    """A PostgreSQL, a driver that works on it, and what the driver's clients know."""

    def __init__(self, seed: int = 1) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ashiato-ordeal-")
        self._journal = Path(self._folder.name) / "journal"
        self._log = Path(self._folder.name) / "driver.log"
        self._seed = seed
        self._server = CrashingServer()
        self._driver: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._server.__enter__()
        asyncio.run(self._settle())
        self.start_driver()
        return self

    async def _settle(self) -> None:
        async with write_side(self._server.dsn) as side:
            await settle(side)

    def start_driver(self) -> None:
        """Begin, or begin again after its end."""
        self._seed += 1
        arguments = [self._server.dsn, str(self._journal), str(self._seed)]
        with self._log.open("ab") as log:
            self._driver = subprocess.Popen(
                [sys.executable, "-m", driver.__name__, *arguments], stdout=log, stderr=log
            )

    def let_work(self, answers: int) -> None:
        """Until the clients have heard so many answers more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        heard, offset = answers_in(self._journal, self._journal.stat().st_size if self._journal.exists() else 0)
        while heard < answers:
            assert self._running.poll() is None, f"the driver ended by itself: {self._last_words()}"
            assert time.monotonic() < deadline, f"expected {answers} more answers, but got {heard}"
            time.sleep(0.05)
            more, offset = answers_in(self._journal, offset)
            heard += more

    def kill_driver(self) -> None:
        """kill -9, and start again."""
        self._running.kill()
        self._running.wait()
        self.start_driver()

    def kill_database(self) -> None:
        """kill -9 of PostgreSQL, and start it again; the driver has to live with it."""
        self._server.kill()
        self._server.start()

    def kill_both(self) -> None:
        """As when the power goes."""
        self._running.kill()
        self._server.kill()
        self._running.wait()
        self._server.start()
        self.start_driver()

    def finish(self) -> int:
        """Let the driver end in good order, and check every promise; how many events there are."""
        self.let_work(1)  # a driver that only begins to run does not know the signal yet
        self._running.terminate()
        code = self._running.wait(PATIENCE_SECONDS)
        assert code == 0, f"the driver ended with {code}: {self._last_words()}"
        return check_all(self._server.dsn, Remembered.read(self._journal))

    def memory(self) -> int:
        """Bytes that the driver holds."""
        return int(psutil.Process(self._running.pid).memory_info().rss)

    def _last_words(self) -> str:
        return self._log.read_text()[-2_000:]

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._driver is not None
        return self._driver

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._driver is not None:
            self._driver.kill()
            self._driver.wait()
        self._server.__exit__(kind, error, trace)
        self._folder.cleanup()
