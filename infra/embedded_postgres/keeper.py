"""Starts the server again when it ends by itself: killed, out of memory, or by a fault of its own."""

from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from infra.embedded_postgres.errors import EmbeddedPostgresError
from infra.embedded_postgres.server import EmbeddedPostgres

LOOK_EVERY_SECONDS = 0.2
PAUSES_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each attempt to start it; after the last the server counts as lost."""
MOST_ENDS, WITHIN_SECONDS = 5, 300.0
"""A server that ends more often is not started any more."""

log = structlog.get_logger("postgres")


class Keeper:
    """Looks after a server for as long as the block runs; `lost` hears, in a thread, that it cannot be brought back.

    `failure` says why then.
    """

    def __init__(self, server: EmbeddedPostgres, lost: Callable[[], None]) -> None:
        self._server = server
        self._lost = lost
        self._leave = Event()
        self._ends: deque[float] = deque()
        self._thread = Thread(target=self._run, name="postgres keeper", daemon=True)
        self.failure: EmbeddedPostgresError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._leave.wait(LOOK_EVERY_SECONDS):
            if self._server.is_running:
                continue
            try:
                self._bring_back()
            except EmbeddedPostgresError as error:
                log.critical("PostgreSQL is lost", log=str(self._server.cluster.log))
                self.failure = error
                self._lost()
                return

    def _bring_back(self) -> None:
        """Raises EmbeddedPostgresError when it cannot be."""
        began = monotonic()
        self._note_the_end(began)
        log.error("PostgreSQL ended by itself; starting it again")
        for pause in PAUSES_SECONDS:
            if self._leave.wait(pause):
                return
            try:
                self._server.start_again()
            except EmbeddedPostgresError:
                log.error("PostgreSQL does not start", log=str(self._server.cluster.log))  # noqa: TRY400  # it may quote
            else:
                log.warning("PostgreSQL runs again", seconds=round(monotonic() - began, 1))
                return
        raise EmbeddedPostgresError(
            f"expected PostgreSQL to come back, but it does not start; {self._server.cluster.log} says why"
        )

    def _note_the_end(self, at: float) -> None:
        self._ends.append(at)
        while self._ends[0] < at - WITHIN_SECONDS:
            self._ends.popleft()
        if len(self._ends) > MOST_ENDS:
            raise EmbeddedPostgresError(
                f"expected PostgreSQL to keep running, but it ended {len(self._ends)} times within "
                f"{WITHIN_SECONDS / 60:g} minutes; {self._server.cluster.log} says why"
            )
