"""Rebuilding read models beside the live ones: prepare, replay in parallel, catch up, go live.

The log is read stream by stream, so a worker holds one stream's rows at a time whatever the log's size. Readers see
the old tables until the new ones, at least as far, take their place in one transaction.
"""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from multiprocessing import get_context
from typing import Any, NamedTuple

from psycopg import Connection

from domain.events import Event, Meta
from infra.read_store.copying import Copying
from infra.read_store.folding import STORED, Changes, Stored, decoded, uncollected
from infra.read_store.live import Live, connect, create
from infra.read_store.side import Indexes, aside, take_indexes
from projections.catalogue import BY_NAME
from projections.engine import Projection

NEXT = "__next"
OLD = "__old"
STREAMS_A_TASK = 100

STREAMS = "SELECT tenant_id::text, stream_id::text FROM events WHERE version = 1 ORDER BY tenant_id, stream_id"
EVENTS = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND stream_id BETWEEN %s AND %s AND position <= %s
    ORDER BY stream_id, version
"""
HEAD = "SELECT coalesce(max(position), 0) FROM events"
REGISTER = """
    INSERT INTO projections (name, version, position) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, position = EXCLUDED.position
"""

ALONE = "SELECT pg_try_advisory_lock(hashtext('ashiato.rebuild'))"

Progress = Callable[[int, int], None]
"""Told events done, and how many there are."""


class RebuildUnderWay(Exception):
    """Another rebuild or comparison uses the tables beside the live ones."""


class Task(NamedTuple):
    """Some streams of one tenant, up to a position."""

    tenant: str
    first: str
    last: str
    cut: int


def rebuild(
    dsn: str, projections: Sequence[Projection], workers: int = 2, progress: Progress | None = None
) -> int:
    """Rebuild projections and put them in the place of the live ones; how many events were replayed.

    Raises RebuildUnderWay when another process is at it.
    """
    with alone(dsn):
        replayed = prepare_and_replay(dsn, projections, workers, progress)
        go_live(dsn, projections)
    return replayed


@contextmanager
def alone(dsn: str) -> Iterator[None]:
    """The only one on this database who fills tables beside the live ones, for as long as the block runs."""
    with connect(dsn) as connection:
        row = connection.execute(ALONE).fetchone()
        if not row or not row[0]:
            raise RebuildUnderWay("expected to be the only rebuild or comparison, but another one is under way")
        yield


def prepare_and_replay(
    dsn: str,
    projections: Sequence[Projection],
    workers: int = 2,
    progress: Progress | None = None,
    cut: int | None = None,
) -> int:
    """Fill tables beside the live ones up to a position, the log's head by default; the position.

    `workers` are the processes at work, this one among them.
    """
    with _helpers(dsn, projections, workers - 1) as pool, aside(dsn) as connection:
        indexes = _prepare(connection, projections)
        if cut is None:
            cut = int(connection.execute(HEAD).fetchone()[0])  # type: ignore[index]  # one row always
        _replay(pool, Worker(connection, projections), list(_tasks(connection, cut)), progress, cut)
    indexes.put_back(dsn, workers)
    with connect(dsn) as connection:
        for projection in projections:
            connection.execute(REGISTER, (projection.name + NEXT, projection.version, cut))
    return cut


def go_live(dsn: str, projections: Sequence[Projection]) -> None:
    """Catch up, and take the live tables' place as soon as we are at least as far as they."""
    with Live(dsn, projections, suffix=NEXT) as live, connect(dsn) as connection:
        while True:
            while live.step():
                pass
            if _swapped(connection, projections):
                break
    with connect(dsn) as connection:
        for projection in projections:
            connection.execute(f"DROP SCHEMA IF EXISTS {projection.name + OLD} CASCADE")


def abandon(dsn: str, projections: Sequence[Projection]) -> None:
    """Throw the tables of an unfinished rebuild away."""
    with connect(dsn) as connection:
        for projection in projections:
            connection.execute(f"DROP SCHEMA IF EXISTS {projection.name + NEXT} CASCADE")
            connection.execute("DELETE FROM projections WHERE name = %s", (projection.name + NEXT,))


def _prepare(connection: Connection[Any], projections: Sequence[Projection]) -> Indexes:
    """Empty tables beside the live ones; their indexes come back when they are full."""
    with connection.transaction():
        for projection in projections:
            schema = projection.name + NEXT
            # Without its row an unfinished rebuild cannot go live.
            connection.execute("DELETE FROM projections WHERE name = %s", (schema,))
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            create(connection, projection, schema)
        return take_indexes(connection, [p.name + NEXT for p in projections])


def _tasks(connection: Connection[Any], cut: int) -> Iterator[Task]:
    rows = connection.execute(STREAMS).fetchall()
    for tenant, streams in groupby(rows, key=lambda row: row[0]):
        ids = [stream for _, stream in streams]
        for start in range(0, len(ids), STREAMS_A_TASK):
            part = ids[start : start + STREAMS_A_TASK]
            yield Task(tenant, part[0], part[-1], cut)


def _replay(
    pool: ProcessPoolExecutor | None, own: "Worker", tasks: Sequence[Task], progress: Progress | None, total: int
) -> None:
    """Do the tasks from both ends: the processes from the first on, we ourselves from the last, until we meet."""
    others = [pool.submit(_work, task) if pool else Future[int]() for task in tasks]
    done = 0
    with uncollected():
        for task, other in zip(reversed(tasks), reversed(others), strict=True):
            done += own.work(task) if other.cancel() else other.result()
            if progress:
                progress(done, total)


@contextmanager
def _helpers(dsn: str, projections: Sequence[Projection], count: int) -> Iterator[ProcessPoolExecutor | None]:
    """Processes that help, already starting; None without any."""
    if count < 1:
        yield None
        return
    names = [projection.name for projection in projections]
    with ProcessPoolExecutor(count, get_context("spawn"), _open_worker, (dsn, names)) as pool:
        for _ in range(count):
            pool.submit(os.getpid)  # a process is started whenever none is free
        yield pool


class Worker:
    """Folds whole streams and stores their rows, over a connection of its own."""

    def __init__(self, connection: Connection[Any], projections: Sequence[Projection]) -> None:
        self._connection = connection
        self._copying = Copying(connection)
        self._projections = projections

    def work(self, task: Task) -> int:
        """Fold a task's streams and store their rows; how many events there were."""
        cursor = self._connection.cursor(binary=True)
        stored: list[Stored] = cursor.execute(EVENTS, task, prepare=True).fetchall()
        streams = [list(events) for _, events in groupby(decoded(stored), key=lambda pair: pair[1].stream)]
        with self._connection.transaction():
            for projection in self._projections:
                changes = fold_streams(projection, streams)
                for table, rows in (*changes.changed.items(), *changes.added.items()):
                    self._copying(projection.name + NEXT, table, rows)
        return len(stored)


_worker: Worker | None = None
"""A helping process's own; None in every other process."""


def _open_worker(dsn: str, names: list[str]) -> None:
    global _worker  # noqa: PLW0603  # a process pool hands its workers state in no other way
    gc.disable()  # as in `uncollected`, for good
    _worker = Worker(aside(dsn), [BY_NAME[name] for name in names])


def _work(task: Task) -> int:
    if _worker is None:
        raise RuntimeError("expected to run in a helping process")
    return _worker.work(task)


def fold_streams(projection: Projection, streams: Sequence[Sequence[tuple[Event, Meta]]]) -> Changes:
    """The rows of whole streams, each folded from its beginning."""
    changes = Changes()
    for events in streams:
        if not projection.handlers.keys().isdisjoint(type(event) for event, _ in events):
            changes.take(projection.fold(projection.rows(), events))
    return changes


def _swapped(connection: Connection[Any], projections: Sequence[Projection]) -> bool:
    """Take the live tables' place in one transaction; False when they are ahead of us by now.

    The lock on the positions holds the live projector back; when it goes on it finds itself fenced off.
    """
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '5s'")
        found = connection.execute("SELECT name, position FROM projections ORDER BY name FOR UPDATE").fetchall()
        positions = dict(found)
        if any(positions[p.name + NEXT] < positions.get(p.name, 0) for p in projections):
            return False
        for projection in projections:
            _swap(connection, projection, positions[projection.name + NEXT])
    return True


def _swap(connection: Connection[Any], projection: Projection, position: int) -> None:
    name = projection.name
    there = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (name,)).fetchone()
    if there and there[0]:
        connection.execute(f"DROP SCHEMA IF EXISTS {name + OLD} CASCADE")
        connection.execute(f"ALTER SCHEMA {name} RENAME TO {name + OLD}")
    connection.execute(f"ALTER SCHEMA {name + NEXT} RENAME TO {name}")
    connection.execute("DELETE FROM projections WHERE name = %s", (name + NEXT,))
    connection.execute(
        """
        INSERT INTO projections (name, version, position) VALUES (%s, %s, %s)
        ON CONFLICT (name) DO UPDATE
        SET version = EXCLUDED.version, position = EXCLUDED.position, epoch = projections.epoch + 1
        """,
        (name, projection.version, position),
    )
