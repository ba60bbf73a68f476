"""Parts of the program that go on in a thread of their own until they are stopped, whatever befalls them."""

from threading import Event as Signal
from threading import Thread
from typing import Self

import structlog

STOP_WITHIN = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class KeptGoing:
    """Begins again after every failure, after longer and longer pauses. `failures` only grows.

    Whoever is one sets `_in_a_row` back to 0 when it has come a step further.
    """

    first_pause, longest_pause = FIRST_PAUSE, LONGEST_PAUSE

    def __init__(self, name: str) -> None:
        self._log = structlog.get_logger(name)
        self._name = name
        self._stop = Signal()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._in_a_row = 0
        self.failures = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is at hand, then end; a server that hangs does not hold us."""
        self._stop.set()
        self._thread.join(STOP_WITHIN)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._go_on()
            except Exception as error:  # noqa: BLE001  # whatever it is, it is logged, counted and tried again
                self._stop.wait(self._failed(error))

    def _go_on(self) -> None:
        """Do the work until stopped; what it raises counts as a failure."""
        raise NotImplementedError

    def _failed(self, error: Exception) -> float:
        """Count and log a failure; how long to pause, in seconds."""
        self.failures += 1
        self._in_a_row += 1
        pause = min(self.first_pause * float(2 ** min(self._in_a_row - 1, 10)), self._longest(error))
        self._log.error(f"{self._name} failed; trying again", pause=pause, **self._said_of(error), exc_info=error)
        return pause

    def _longest(self, _: Exception) -> float:
        return self.longest_pause

    def _said_of(self, _: Exception) -> dict[str, object]:
        """What an operator is told of a failure beside its trace."""
        return {}
