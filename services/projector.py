"""The projector: follows the log for as long as the program runs, in a thread of its own.

One of all processes leads, by an advisory lock; the others stand by. NOTIFY wakes it early, polling makes it sure.
"""

from collections.abc import Callable, Sequence
from threading import Event as Signal
from threading import Thread
from typing import Any

import structlog
from psycopg import Connection

from infra.read_store.live import Fenced, Live, VersionsDiffer, connect
from projections.engine import Projection

LEADER = "SELECT pg_try_advisory_lock(hashtext('ashiato.projector'))"
POLL_EVERY = 0.2
STAND_BY = 1.0
LONGEST_PAUSE = 30.0

log = structlog.get_logger("projector")


class Projector:
    """Keeps read models up to date until it is stopped."""

    def __init__(self, dsn: str, projections: Sequence[Projection], moved: Callable[[int], None] | None = None) -> None:
        self._dsn = dsn
        self._projections = projections
        self._moved = moved
        self._stop = Signal()
        self._thread = Thread(target=self._run, name="projector", daemon=True)
        self.failure: str | None = None

    def start(self) -> None:
        """Begin to follow, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, then end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                self._lead()
                pause = 0.5
            except Fenced:
                log.info("fenced off; beginning again")
            except VersionsDiffer as difference:
                self.failure = str(difference)
                log.error("read models need a rebuild", problem=str(difference))  # noqa: TRY400  # no trace needed
                self._stop.wait(LONGEST_PAUSE)
            except Exception as error:
                self.failure = type(error).__name__
                log.exception("projector failed; trying again", pause=pause)
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _lead(self) -> None:
        """Wait to be the one who leads, then follow the log until stopped or fenced off."""
        with connect(self._dsn) as listening:
            while not _is_leader(listening):
                if self._stop.wait(STAND_BY):
                    return
            listening.execute("LISTEN ashiato_log")
            with Live(self._dsn, self._projections) as live:
                self.failure = None
                self._follow(live, listening)

    def _follow(self, live: Live, listening: Connection[Any]) -> None:
        told = -1
        while not self._stop.is_set():
            waited = live.step() == 0
            if live.position != told and self._moved:
                told = live.position
                self._moved(told)
            if waited:
                for _ in listening.notifies(timeout=POLL_EVERY, stop_after=1):
                    pass


def _is_leader(connection: Connection[Any]) -> bool:
    row = connection.execute(LEADER).fetchone()
    return bool(row and row[0])


def positions(connection: Connection[Any]) -> tuple[int, dict[str, int]]:
    """The log's head, and how far each projection is."""
    row = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
    found = connection.execute("SELECT name, position FROM projections WHERE name NOT LIKE '%\\_\\_%'").fetchall()
    return int(row[0]) if row else 0, dict(found)


