"""Keeping a relay running: a process of its own for each, and the next one when one fails."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event as Signal
from threading import Thread

import msgspec
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from infra.kafka.relaying import PROGRAM, Order, Word
from infra.own_programs import environment
from infra.settings import Settings
from services.watching import watched

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
WELL_AFTER = 60.0
"""Seconds that a relay must have run for the next pause to be the first one again."""
STOPS_WITHIN = 10.0
AGAIN_AND_AGAIN = 3
"""Relays in a row that ended before they brought anything further, before it counts as failing."""

log = structlog.get_logger("relay")


class RelayRefused(Exception):
    """The topic is not what the log may go to; the message says why, and what to do."""


class KeptRelay:
    """A relay that is started again whenever it ends, until it is stopped. `failures` and `events` only grow."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._stop = Signal()
        self._ready = Signal()
        self._pause = FIRST_PAUSE
        self.refused: RelayRefused | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._run, name="relay", daemon=True)
        self._in_a_row = 0
        self.failures = 0
        self.events = 0
        self.position: int | None = None

    @property
    def status(self) -> str:
        """How it fares, in a word."""
        if self.refused is not None:
            return "refused"
        if self._in_a_row >= AGAIN_AND_AGAIN:
            return "failing"
        return "standing_by" if self.position is None else "relaying"

    def figures(self) -> Iterator[Metric]:
        """For Prometheus."""
        yield CounterMetricFamily("ashiato_relay_events", "Events this relay has brought into the topic.", self.events)
        yield CounterMetricFamily("ashiato_relay_failures", "How often it ended and was begun again.", self.failures)
        yield GaugeMetricFamily("ashiato_relay_leads", "1: it relays; 0: it stands by.", self.position is not None)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Until it relays. Raises RelayRefused."""
        self._ready.wait()
        self.check()

    def wait(self) -> None:
        """Until it is refused: raises RelayRefused then."""
        self._thread.join()
        self.check()

    def check(self) -> None:
        """Raises RelayRefused when it was."""
        if self.refused is not None:
            raise self.refused

    def stop(self) -> None:
        """End it; what was sent and not counted is sent again by the next one."""
        self._stop.set()
        if self._process is not None:
            _hang_up(self._process)
        self._thread.join(STOPS_WITHIN)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            word = self._relay()
            if word.refused:
                self.refused = RelayRefused(word.refused)
                self._ready.set()
                return
            if self._stop.is_set():
                return
            if time.monotonic() - began > WELL_AFTER:
                self._in_a_row, self._pause = 0, FIRST_PAUSE
            self.failures += 1
            self._in_a_row += 1
            self.position = None
            log.error(
                "relay ended; beginning again",
                pause=self._pause,
                problem=word.failed or "killed",
                means="the topic lags; nothing is lost, the next one goes on from the cursor",
                do="nothing, unless it goes on: then `ashiato doctor` says whether brokers and PostgreSQL answer",
            )
            self._stop.wait(self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _relay(self) -> Word:
        """One relay, to its end; its last word."""
        word = Word()
        with subprocess.Popen(  # noqa: S603  # our own program
            PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        ) as process:
            self._process = process
            _tell(process, self._order)
            for line in process.stdout or ():
                word = msgspec.json.decode(line, type=Word)
                if not word.refused and not word.failed:
                    further = 0 if self.position is None else word.position - self.position
                    if further:
                        self._in_a_row = 0
                    self.events += further
                    self.position = word.position
                    self._order = msgspec.structs.replace(self._order, again=False)
                    self._ready.set()
            _hang_up(process)
        return word


def _tell(process: "subprocess.Popen[bytes]", order: Order) -> None:
    if process.stdin is not None:
        with suppress(OSError):  # it has ended, as its silence will say
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            process.stdin.flush()


def _hang_up(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def keep_relaying(order: Order, ready: Callable[[], None], settings: Settings) -> None:
    """Relay until interrupted, watched where the settings say. Raises RelayRefused, CannotListen."""
    kept = KeptRelay(order)
    with watched(settings, kept):
        _keep(kept, ready)


def _keep(kept: KeptRelay, ready: Callable[[], None]) -> None:
    kept.start()
    try:
        kept.wait_until_ready()
        ready()
        kept.wait()
    finally:
        kept.stop()
