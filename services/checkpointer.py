"""The checkpointer: signs every company's log at short intervals for as long as the program runs, in its own thread.

Any number of processes may run it: each round is one process's alone, and it goes on from the database.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from infra.evidence.alarms import LOG_NOT_SIGNED, raise_alarms
from infra.evidence.keyring import change_key, keys, signing_key
from infra.evidence.keys import KeyUnusable
from infra.evidence.known import Key
from infra.evidence.rehashing import Fault
from infra.evidence.rounds import Misfit, Round, sign_round
from infra.roles import ROLES, as_role
from infra.settings import Settings, signing_key_of
from services.kept_going import KeptGoing

LOOK_EVERY = 5.0
"""Seconds between looks whether a round is due, or the interval itself when it is shorter."""

log = structlog.get_logger("checkpointer")


class Checkpointer(KeptGoing):
    """Signs until it is stopped. `signed` and `failures` only grow; `misfits` is as of the last round with events."""

    first_pause = 1.0

    def __init__(self, dsn: str, settings: Settings) -> None:
        super().__init__("checkpointer")
        self._dsn = dsn
        self._settings = settings
        self.signed = 0
        self.misfits = 0

    def _go_on(self) -> None:
        with connect(self._dsn) as connection:
            self._follow(connection)

    def _follow(self, connection: Connection[Any]) -> None:
        every = self._settings.checkpoint_seconds
        while not self._stop.is_set():
            done = one_round(connection, self._settings, every)
            if done is not None:
                self._note(done)
                tell(connection, done.misfits)
            if done is None or not done.more:
                self._stop.wait(min(LOOK_EVERY, every))

    def _note(self, done: Round) -> None:
        self._in_a_row = 0
        self.signed += done.checkpoints
        if done.events:
            self.misfits = len(done.misfits)

    def _failed(self, error: Exception) -> float:
        if not isinstance(error, KeyUnusable):
            return super()._failed(error)
        self.failures += 1
        self._in_a_row += 1
        log.error("checkpoints are not signed here", problem=str(error))  # no trace needed
        return self.longest_pause


def connect(dsn: str) -> Connection[Any]:
    """A connection of the role that signs."""
    return psycopg.connect(as_role(dsn, ROLES.signer), autocommit=True, client_encoding="utf8")


def one_round(connection: Connection[Any], settings: Settings, every: float) -> Round | None:
    """One transaction of a round; None when it is another's turn. Raises KeyUnusable."""
    key, signer = signing_key(connection, signing_key_of(settings), settings.log_name)
    return sign_round(connection, key.name, [signer], every)


def sign_all(dsn: str, settings: Settings) -> Round:
    """Sign all that is new, now; what that came to. Raises KeyUnusable."""
    events, checkpoints, misfits = 0, 0, list[Misfit]()
    with connect(dsn) as connection:
        while (done := one_round(connection, settings, 0.0)) is not None:
            events, checkpoints = events + done.events, checkpoints + done.checkpoints
            misfits += done.misfits
            tell(connection, done.misfits)
            if not done.more:
                break
    return Round(events, checkpoints, misfits=tuple(misfits))


def tell(connection: Connection[Any], misfits: Sequence[Misfit]) -> None:
    """Raise an alarm for each log that is not signed."""
    for one in misfits:
        log.error("log not signed", tenant=one.tenant, size=one.size, because=one.what)
    raise_alarms(connection, LOG_NOT_SIGNED, [Fault(one.tenant, one.size, one.what) for one in misfits])


def known_keys(dsn: str) -> list[Key]:
    """The keys that sign or have signed, oldest first."""
    with connect(dsn) as connection:
        return keys(connection)


def change(dsn: str, settings: Settings, reason: str, *, lost: bool) -> Key:
    """Change keys; the new one. Raises KeyUnusable."""
    with connect(dsn) as connection:
        return change_key(connection, signing_key_of(settings), settings.log_name, reason, lost=lost)


@contextmanager
def checkpointing(dsn: str, settings: Settings) -> Iterator[Checkpointer]:
    """The checkpointer, for as long as the block runs."""
    checkpointer = Checkpointer(dsn, settings)
    checkpointer.start()
    try:
        yield checkpointer
    finally:
        checkpointer.stop()
