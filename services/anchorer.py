"""The anchorer: takes checkpoints outside for as long as the program runs, in its own thread, one process at a time.

Every target goes on by itself: one that fails is left alone for a while, twice as long after each failure, and after a
few an alarm is raised that stays until somebody closes it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

import structlog
from psycopg import Connection

from infra.evidence import anchoring
from infra.evidence.alarms import ANCHOR_DIFFERS, ANCHOR_FAILED, alarms, raise_alarms
from infra.evidence.anchoring import FOLDER, TIMESTAMP, WEBHOOK, Anchored, Unanchored, Waiting
from infra.evidence.places import AnchorDiffers, AnchorRefused, Folder, Timestamps, Webhooks
from infra.evidence.rehashing import Fault
from infra.settings import Settings
from services.checkpointer import connect
from services.kept_going import KeptGoing

LEADER = "SELECT pg_try_advisory_lock(hashtext('ashiato.anchorer'))"
LOOK_EVERY = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
AN_ALARM_AFTER = 3
"""Failures of a target in a row."""

log = structlog.get_logger("anchorer")


class Place(Protocol):
    """Where something is anchored."""

    def put(self, what: Waiting) -> bytes:
        """Take it; what comes back is kept. Raises AnchorRefused, AnchorDiffers."""


@dataclass(slots=True)
class Rest:
    """A target that failed: how often in a row, and until when it is left alone."""

    failures: int
    until: float


class Anchorer(KeptGoing):
    """Anchors until it is stopped. `anchored` and `failures` only grow.

    `unanchored` is what is anchored nowhere, and `open_alarms` how many alarms are open, as of the last look.
    """

    def __init__(self, dsn: str, settings: Settings, look_every: float = LOOK_EVERY) -> None:
        super().__init__("anchorer")
        self._dsn = dsn
        self._settings = settings
        self._look_every = look_every
        self._rests: dict[tuple[str, str], Rest] = {}
        self.anchored = 0
        self.open_alarms = 0
        self.unanchored = Unanchored()

    @property
    def unanchored_seconds(self) -> float:
        """For how long the oldest checkpoint that is anchored nowhere has been signed."""
        since = self.unanchored.since
        return 0.0 if since is None else max(0.0, (datetime.now(UTC) - since).total_seconds())

    def _go_on(self) -> None:
        with connect(self._dsn) as connection:
            self._follow(connection)

    def _longest(self, _: Exception) -> float:
        return self._look_every

    def _follow(self, connection: Connection[Any]) -> None:
        leads = False
        while not self._stop.is_set():
            leads = leads or connection.execute(LEADER).fetchone() == (True,)
            if leads:
                self.once(connection)
            self.unanchored, self.open_alarms = anchoring.unanchored(connection), len(alarms(connection))
            self._in_a_row = 0
            self._stop.wait(self._look_every)

    def once(self, connection: Connection[Any]) -> None:
        """Send what every target that is not resting does not have yet."""
        settings = self._settings
        if settings.anchor_folder is not None:
            waiting = anchoring.waiting(connection, FOLDER, str(settings.anchor_folder))
            self._send(connection, FOLDER, Folder(settings.anchor_folder), waiting)
        webhooks = Webhooks(settings.webhook_hosts, settings.webhook_roots)
        self._send(connection, WEBHOOK, webhooks, anchoring.waiting_for_webhooks(connection))
        if settings.tsa_url is not None and settings.tsa_roots is not None:
            waiting = anchoring.waiting(connection, TIMESTAMP, settings.tsa_url, settings.tsa_seconds)
            self._send(connection, TIMESTAMP, Timestamps(settings.tsa_url, settings.tsa_roots), waiting)

    def _send(self, connection: Connection[Any], kind: str, place: Place, waiting: Sequence[Waiting]) -> None:
        for one in waiting:
            if self._stop.is_set() or self._is_resting(kind, one.target):
                continue
            try:
                receipt = place.put(one)
            except AnchorRefused as refused:
                self._refused(connection, kind, one, refused)
                continue
            self._rests.pop((kind, one.target), None)
            anchoring.record(connection, kind, [Anchored(one, receipt)])
            self.anchored += 1

    def _is_resting(self, kind: str, target: str) -> bool:
        rest = self._rests.get((kind, target))
        return rest is not None and monotonic() < rest.until

    def _refused(self, connection: Connection[Any], kind: str, one: Waiting, refused: AnchorRefused) -> None:
        self.failures += 1
        fault = [Fault(one.tenant, one.size, f"{kind}: {refused}")]
        if isinstance(refused, AnchorDiffers):
            log.error("anchor differs", tenant=one.tenant, size=one.size, kind=kind)
            raise_alarms(connection, ANCHOR_DIFFERS, fault)
            return
        before = self._rests.get((kind, one.target))
        failures = before.failures + 1 if before else 1
        pause = min(FIRST_PAUSE * float(2 ** min(failures - 1, 10)), LONGEST_PAUSE)
        self._rests[kind, one.target] = Rest(failures, monotonic() + pause)
        log.warning("not anchored; trying again", tenant=one.tenant, kind=kind, because=str(refused), pause=pause)
        if failures >= AN_ALARM_AFTER:
            raise_alarms(connection, ANCHOR_FAILED, fault)


@contextmanager
def anchored(dsn: str, settings: Settings) -> Iterator[Anchorer]:
    """The anchorer, for as long as the block runs."""
    anchorer = Anchorer(dsn, settings)
    anchorer.start()
    try:
        yield anchorer
    finally:
        anchorer.stop()
