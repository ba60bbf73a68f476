"""A projector in a process of its own that stops itself: `python -m tests.infra.read_store.zombie DSN PLACE [MOVE]`.

PLACE is `between` two batches, or `within` the transaction of one. It ends with 3 when it finds itself fenced off, with
4 when its connection was taken from it, with 0 at the log's end. MOVE replaces the statement that moves positions, to
see what its conditions are for.
"""

import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

import psycopg

from infra.read_store import live as following
from infra.read_store import places
from tests.projections.census import census

FENCED, CUT_OFF = 3, 4
BATCH = 20
STOPS_AFTER = 3


def main(dsn: str, place: str, *move: str) -> int:
    """The exit status."""
    for statement in move:
        places.MOVE = statement
    following.GIVE_UP = "SET idle_in_transaction_session_timeout = '500ms'"
    try:
        with following.Live(dsn, [census], batch=BATCH) as live:
            for _ in range(STOPS_AFTER):
                live.step()
            live.flush()
            if place == "between":
                stop()
            else:
                stop_within()
            while live.step():
                pass
    except following.Fenced:
        return FENCED
    except psycopg.Error:
        return CUT_OFF
    return 0


def stop() -> None:
    """Until somebody says go on: all threads stop, and this one at once."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def stop_within() -> None:
    """Stop when the next batch's rows and its position are written and nothing is committed, once."""
    move = places.Followed.move

    def moving(one: Any, connection: Any, to: Mapping[int, Any]) -> None:
        places.Followed.move = move  # type: ignore[method-assign]  # only once
        move(one, connection, to)
        stop()

    places.Followed.move = moving  # type: ignore[method-assign, assignment]  # in this process only


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
