"""Rebuilding read models beside the live ones: prepare, replay in parallel, go live.

The log is read stream by stream, so a worker holds one stream's rows at a time whatever the log's size. Readers see
the old tables until the new ones, at least as far, take their place in one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from psycopg import Connection, OperationalError

from infra.read_store import parts, tallies
from infra.read_store.cutover import REGISTER, take_their_place
from infra.read_store.helping import Helpers, Progress
from infra.read_store.live import PROTECT, connect, create
from infra.read_store.making import forget
from infra.read_store.parts import NEXT
from infra.read_store.replaying import Worker
from infra.read_store.side import Indexes, aside, take_indexes
from projections.engine import Projection

HEAD = "SELECT coalesce(max(position), 0) FROM events"
ALONE = "SELECT pg_try_advisory_lock(hashtext('ashiato.rebuild'))"
NO_MORE = "SELECT pg_advisory_unlock(hashtext('ashiato.rebuild'))"


class RebuildUnderWay(Exception):
    """Another rebuild or comparison uses the tables beside the live ones."""


def rebuild(
    dsn: str,
    projections: Sequence[Projection],
    workers: int = 2,
    progress: Progress | None = None,
    *,
    keep: bool = False,
) -> int:
    """Rebuild projections from the beginning and put them in the place of the live ones; how many events there were.

    `keep` leaves the old tables for a roll back. Raises RebuildUnderWay when another process is at it.
    """
    with alone(dsn):
        replayed = prepare_and_replay(dsn, projections, workers, progress)
        take_their_place(dsn, projections, keep=keep)
    return replayed


@contextmanager
def alone(dsn: str) -> Iterator[None]:
    """The only one on this database who fills tables beside the live ones, for as long as the block runs."""
    with connect(dsn) as connection:
        row = connection.execute(ALONE).fetchone()
        if not row or not row[0]:
            raise RebuildUnderWay("expected to be the only rebuild or comparison, but another one is under way")
        try:
            yield
        finally:
            # Now, and not when the server sees that the connection has ended: whoever comes next may come at once.
            with suppress(OperationalError):  # it is gone, and the lock with it
                connection.execute(NO_MORE)


def prepare(connection: Connection[Any], projections: Sequence[Projection], cut: int | None = None) -> Indexes:
    """Empty tables beside the live ones, and what is to be done to fill them up to a position: by default the head.

    Their indexes come back when they are full.
    """
    with connection.transaction():
        indexes = _make(connection, projections)
        if cut is None:
            cut = int(connection.execute(HEAD).fetchone()[0])  # type: ignore[index]  # one row always
        planned = list(parts.tasks(connection, cut))
        for projection in projections:
            parts.plan(connection, projection, planned)
    return indexes


def prepare_and_replay(
    dsn: str,
    projections: Sequence[Projection],
    workers: int = 2,
    progress: Progress | None = None,
    cut: int | None = None,
    *,
    resume: bool = False,
    gives_way: bool = True,
) -> int:
    """Fill tables beside the live ones up to a position, the log's head by default; the position.

    `workers` are the processes at work: one is this one, more are others. They give way to all else that the machine
    does, unless somebody waits for them. `resume` goes on with what was prepared, where it was
    for all of these projections and their versions; what is done is kept.
    """
    count = workers if workers > 1 else 0
    with _helpers(dsn, projections, count, gives_way) as helpers, aside(dsn, gives_way=gives_way) as connection:
        left = parts.left(connection, projections) if resume else None
        indexes = _as_prepared(connection, projections) if left else prepare(connection, projections, cut)
        left = left or parts.left(connection, projections) or parts.Left((), 0, 0)
        own = Worker(connection, projections) if not count else None
        helpers.share(left.tasks, own, progress, left.cut, left.done)
        tallies.sum_up(connection, [(projection.name + NEXT, projection) for projection in projections])
    indexes.put_back(dsn, workers, gives_way=gives_way)
    _finished(dsn, projections, left.cut)
    return left.cut


@contextmanager
def _helpers(dsn: str, projections: Sequence[Projection], count: int, gives_way: bool) -> Iterator[Helpers]:
    """Helpers that end with the block, whatever ends it."""
    helpers = Helpers(dsn, projections, count, gives_way=gives_way)
    try:
        yield helpers
    finally:
        helpers.stop()


def _make(connection: Connection[Any], projections: Sequence[Projection]) -> Indexes:
    for projection in projections:
        schema = projection.name + NEXT
        # Without its row an unfinished rebuild cannot go live.
        forget(connection, schema)
        create(connection, projection, schema)
    return take_indexes(connection, [p.name + NEXT for p in projections])


def _as_prepared(connection: Connection[Any], projections: Sequence[Projection]) -> Indexes:
    """Take away what indexes there are by now; what has to be put back is learnt by making it all anew, and undoing."""
    with connection.transaction(force_rollback=True):
        indexes = _make(connection, projections)
    with connection.transaction():
        take_indexes(connection, [p.name + NEXT for p in projections])
    return indexes


def _finished(dsn: str, projections: Sequence[Projection], cut: int) -> None:
    with connect(dsn) as connection, connection.transaction():
        for projection in projections:
            parts.forget(connection, projection)
            connection.execute(PROTECT, (projection.name + NEXT, True))
            connection.execute(REGISTER, (projection.name + NEXT, projection.version, cut))
