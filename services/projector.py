"""The projector: follows the log for as long as the program runs, in a thread of its own.

One of all processes leads, by an advisory lock; the others stand by. NOTIFY wakes it early, polling makes it sure.
"""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, Protocol

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from psycopg import Connection, OperationalError

from infra.read_store.leading import LEAD_SECONDS, lose_lead_when_silent
from infra.read_store.live import Fenced, Live, SourcesDiffer, VersionsDiffer, connect
from projections.engine import Projection
from services.kept_going import KeptGoing

LEADER = "SELECT pg_try_advisory_lock(hashtext('ashiato.projector'))"
POLL_EVERY = 0.2
STAND_BY = 1.0
LOOK_EVERY = 1.0
"""How often a leader shows that it lives, and looks for parked streams that it is asked to try again."""
LONGEST_WITHOUT_DATABASE = 2.0
AGAIN_AND_AGAIN = 3
"""Failures in a row, without a step forward, before the program says that it is in trouble."""
FAILING, NEEDS_REBUILD = "failing", "needs_rebuild"

log = structlog.get_logger("projector")


class Figures(Protocol):
    """What projectors count, wherever events come from."""

    @property
    def failures(self) -> int:
        """How often it failed."""

    @property
    def events(self) -> int:
        """How many it has read."""

    @property
    def trouble(self) -> str | None:
        """What keeps it from moving, as a word."""


def figures_of(one: Figures) -> Iterator[Metric]:
    """For Prometheus."""
    yield CounterMetricFamily("ashiato_projector_failures", "Failures of this projector.", one.failures)
    yield CounterMetricFamily("ashiato_projector_events", "Events it has read.", one.events)
    yield GaugeMetricFamily("ashiato_projector_in_trouble", "1: it fails again and again.", bool(one.trouble))


class Follower(KeptGoing):
    """Keeps read models up to date until it is stopped. `failures` and `events` (read) only grow."""

    def __init__(self, dsn: str, projections: Sequence[Projection], lead_seconds: float) -> None:
        super().__init__("projector")
        self._dsn = dsn
        self._projections = projections
        self._lead_seconds = lead_seconds
        self._through = 0
        self.events = 0

    def _step(self, live: Live) -> int:
        """Fold the next batch; how many events were read.

        One that was read is stored by a later step: only a position that has moved, or an end that was reached, is a
        step forward.
        """
        read = live.step()
        self.events += read
        tell(live)
        if read == 0 or live.position > self._through:
            self._came_further()
        self._through = live.position
        return read

    def _came_further(self) -> None:
        self._in_a_row = 0


class Projector(Follower):
    """Keeps read models up to date until it is stopped. `failures` and `events` (read) only grow.

    When it leads and says nothing for `lead_seconds`, another one may take over.
    """

    def __init__(
        self,
        dsn: str,
        projections: Sequence[Projection],
        moved: Callable[[int], None] | None = None,
        *,
        lead_seconds: float = LEAD_SECONDS,
    ) -> None:
        super().__init__(dsn, projections, lead_seconds)
        self._moved = moved
        self._outdated = False

    @property
    def trouble(self) -> str | None:
        """What keeps the read models from moving, as a word; None while all is well."""
        if self._outdated:
            return NEEDS_REBUILD
        return FAILING if self._in_a_row >= AGAIN_AND_AGAIN else None

    @property
    def status(self) -> str:
        """How it fares, in a word."""
        return self.trouble or "ready"

    def figures(self) -> Iterator[Metric]:
        """For Prometheus."""
        yield from figures_of(self)

    def _go_on(self) -> None:
        try:
            self._lead()
        except Fenced:
            log.info("fenced off; beginning again", means="another projector or a rebuild took over")
        except (VersionsDiffer, SourcesDiffer) as difference:
            self._outdated = True
            log.error("read models need a rebuild", problem=str(difference))  # noqa: TRY400  # no trace needed
            self._stop.wait(self.longest_pause)

    def _longest(self, error: Exception) -> float:
        return LONGEST_WITHOUT_DATABASE if isinstance(error, OperationalError) else self.longest_pause

    def _said_of(self, error: Exception) -> dict[str, object]:
        return {"after": self._through, **advice_on(error)}

    def _lead(self) -> None:
        """Wait to be the one who leads, then follow the log until stopped or fenced off."""
        with connect(self._dsn) as listening:
            lose_lead_when_silent(listening, self._lead_seconds)
            while not _is_leader(listening):
                self._in_a_row = 0
                if self._stop.wait(STAND_BY):
                    return
            listening.execute("LISTEN ashiato_log")
            with Live(self._dsn, self._projections) as live:
                self._outdated = False
                self._through = live.position
                self._follow(live, listening)

    def _follow(self, live: Live, listening: Connection[Any]) -> None:
        told, looked = -1, monotonic()
        while not self._stop.is_set():
            waited = self._step(live) == 0
            if monotonic() - looked > LOOK_EVERY:
                looked = monotonic()
                listening.execute("SELECT")
                live.retry(asked_only=True)
            if live.position != told and self._moved:
                told = live.position
                self._moved(told)
            if waited:
                for _ in listening.notifies(timeout=POLL_EVERY, stop_after=1):
                    pass


def advice_on(error: Exception) -> dict[str, str]:
    """What a failure means, and what to do about it."""
    means = "read models stand still; commands are not affected, and nothing is lost"
    if isinstance(error, OperationalError):
        return {"means": means, "do": "bring PostgreSQL back, or make room on its disk: the rest follows by itself"}
    return {"means": means, "do": "if it goes on: `ashiato doctor`, and `where` says in which part it fails"}


def tell(live: Live) -> None:
    """An alarm for every stream that was parked: ids, the event's type, and the error without its words.

    And a word about tables that were kept for a roll back and are not any more.
    """
    news, live.news = live.news, []
    for projection, poison in news:
        log.error(
            "stream parked: an event cannot be folded",
            projection=projection,
            tenant=poison.tenant,
            stream=poison.stream,
            seq=poison.seq,
            type=poison.type,
            problem=poison.error,
            means="it is shown as it was before that event; everything else goes on, nothing is lost",
            do="`ashiato projections` lists what waits; docs/operating.md, 'A stream is parked'",
        )
    dropped, live.dropped = live.dropped, []
    if dropped:
        log.warning("somebody was erased; the tables kept for a roll back are dropped", projections=dropped)


def _is_leader(connection: Connection[Any]) -> bool:
    row = connection.execute(LEADER).fetchone()
    return bool(row and row[0])
