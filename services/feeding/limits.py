"""How many may listen, for how long, and how patient both sides are."""

from dataclasses import dataclass

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from commands.ports import LogUnavailable

AWAY = (LogUnavailable, OperationalError, PoolTimeout, TimeoutError)
"""What is raised while the database is away, and soon no more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `lasts`: then a feed ends by itself, so that readers spread over processes again.

    `waiting`: events that wait for one reader; beyond them it reads its own past again, or is dropped when it is slow.
    `slow`: a reader whose connection takes nothing for so long while more comes; `stuck`: nothing at all.
    `answer`: for one answer of the database; `patience`: for one that is away. `stretch`: positions of the log that are
    read at a time, and events of a reader's past.
    """

    of_credential: int = 10
    of_company: int = 1_000
    of_process: int = 5_000
    heartbeat: float = 15.0
    check: float = 2.0
    lasts: float = 3_600.0
    waiting: int = 1_000
    stretch: int = 1_000
    slow: float = 1.0
    stuck: float = 15.0
    answer: float = 5.0
    patience: float = 30.0
    look: float = 0.1
    gather: float = 1.0
