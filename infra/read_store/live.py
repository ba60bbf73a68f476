"""Keeping read models up to date: rows and position change in one transaction, or not at all.

While one batch is stored by PostgreSQL, the next is read and folded here; the position that counts is the one in the
database, which moves by compare-and-set under the epoch of whoever follows.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from domain.events import Event, Meta
from domain.personal import ERASED
from infra.event_store.arrays import Uuids, register
from infra.event_store.codec import command_of
from infra.keys.opening import Opening
from infra.read_store import tables, tallies
from infra.read_store.copying import Copying
from infra.read_store.folding import STORED, Changes, Scopes, Stored, decoded, fold_batch, uncollected
from infra.roles import ROLES, as_role
from projections.engine import Projection

BATCH = f"""
    SELECT {STORED} FROM events WHERE position > %s ORDER BY position LIMIT %s
"""
BETWEEN = f"""
    SELECT {STORED} FROM events WHERE position > %s AND position <= %s ORDER BY position
"""
END_OF_COMMAND = "SELECT last_position FROM commands WHERE tenant_id = %s AND command_id = %s"
MOVE = """
    UPDATE projections SET position = %s, moved_at = now() WHERE name = %s AND position = %s AND epoch = %s
"""
TAKE_OVER = "UPDATE projections SET epoch = epoch + 1 WHERE name = %s RETURNING position, epoch, version"
# The second parameter: they are filled, so readers may see their tenant's rows, and nobody is let off any more.
PROTECT = "SELECT public.protect_read_models(%s, %s)"
BEGIN = "INSERT INTO projections (name, version, position) VALUES (%s, %s, 0)"

Work = list[tuple["Followed", Changes]]


class Fenced(Exception):
    """Another projector has taken over; this one must stop."""


class VersionsDiffer(Exception):
    """The stored rows are of another version of the fold: they must be rebuilt first."""


@dataclass(slots=True)
class Followed:
    """A projection, how far it is folded, how far it is stored, and under which epoch.

    `name` is its schema and its row in `projections`: the projection's own, or another while it is rebuilt.
    """

    name: str
    projection: Projection
    scopes: Scopes
    folded: int
    stored: int
    epoch: int


def connect(dsn: str) -> Connection[Any]:
    """The projector's connection, which knows our arrays; each statement its own transaction unless one is begun."""
    connection = psycopg.connect(as_role(dsn, ROLES.projector), autocommit=True, client_encoding="utf8")
    register(connection.adapters)
    return connection


def ensure(connection: Connection[Any], projections: Sequence[Projection]) -> None:
    """Make the tables of projections that have none yet; they will be filled from the log's beginning."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('ashiato.projections'))")
        there = {name for (name,) in connection.execute("SELECT name FROM projections")}
        for projection in projections:
            if projection.name not in there:
                create(connection, projection, projection.name)
                connection.execute(PROTECT, (projection.name, True))
                connection.execute(BEGIN, (projection.name, projection.version))


def create(connection: Connection[Any], projection: Projection, schema: str) -> None:
    """Make a projection's tables in a schema of their own, within a transaction, for the projector alone."""
    for statement in tables.create(projection, schema):
        connection.execute(statement)
    connection.execute("SET LOCAL search_path TO public")
    connection.execute(PROTECT, (schema, False))


class Live:
    """Follows the log with some projections. One at a time: the newest to open fences off the others.

    `suffix` is put after the names of schemas and positions: a rebuild follows with tables beside the live ones.
    """

    def __init__(
        self,
        dsn: str,
        projections: Sequence[Projection],
        *,
        suffix: str = "",
        batch: int = 2_000,
        most_scopes: int = 2_000,
    ) -> None:
        self._dsn = dsn
        self._projections = projections
        self._suffix = suffix
        self._batch = batch
        self._most_scopes = most_scopes
        self.followed: list[Followed] = []
        self._fetched: Future[list[Stored]] | None = None
        self._storing: Future[None] | None = None

    def __enter__(self) -> "Live":
        with ExitStack() as stack:
            self._reading = stack.enter_context(connect(self._dsn))
            self._writing = stack.enter_context(connect(self._dsn))
            # Of its own: batches are opened while others are read and stored.
            self._open = Opening(stack.enter_context(connect(self._dsn)))
            self._copying = Copying(self._writing, staged=True)
            # Closed before the connections: what is under way there ends first.
            self._workers = stack.enter_context(ThreadPoolExecutor(2, thread_name_prefix="projector"))
            if not self._suffix:
                ensure(self._writing, self._projections)
            self.followed = [self._take_over(projection) for projection in self._projections]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def position(self) -> int:
        """Every followed projection is stored through here."""
        return min(one.stored for one in self.followed)

    def step(self) -> int:
        """Fold the next batch while the last is stored; how many events were read. 0: all of it is stored.

        After an error nothing of the unfinished batches is stored, and the next step begins again from what is.
        """
        try:
            with uncollected():
                return self._step()
        except BaseException:
            self._begin_again()
            raise

    def flush(self) -> None:
        """Wait until what was folded is stored."""
        try:
            self._finish_storing()
        except BaseException:
            self._begin_again()
            raise

    def _step(self) -> int:
        stored = self._fetched.result() if self._fetched else self._fetch(self._folded)
        self._fetched = None
        if not stored:
            self._finish_storing()
            return 0
        last = stored[-1][0]
        self._fetched = self._workers.submit(self._fetch, last)
        work = self._fold(decoded(stored, self._open), last)
        self._finish_storing()
        self._storing = self._workers.submit(self._store, work, last)
        return len(stored)

    @property
    def _folded(self) -> int:
        return min(one.folded for one in self.followed)

    def _fetch(self, after: int) -> list[Stored]:
        cursor = self._reading.cursor(binary=True)
        stored: list[Stored] = cursor.execute(BATCH, (after, self._batch), prepare=True).fetchall()
        if len(stored) == self._batch:
            # A reader must never see half of what one command did, which may be thousands of events.
            last = stored[-1]
            end = cursor.execute(END_OF_COMMAND, (last[1], command_of(last[4])), prepare=True).fetchone()
            if end and end[0] > last[0]:
                stored += cursor.execute(BETWEEN, (last[0], end[0]), prepare=True).fetchall()
        return stored

    def _fold(self, events: list[tuple[Event, Meta]], last: int) -> Work:
        work: Work = []
        for one in self.followed:
            one.scopes.forget_oldest()
            self._load(one, one.scopes.missing(events))
            work.append((one, fold_batch(one.scopes, events, one.folded)))
            one.folded = max(last, one.folded)
        return work

    def _load(self, one: Followed, missing: Sequence[tuple[str, str]]) -> None:
        """Read scopes back, once the batch before is stored: it may have written them."""
        if not missing:
            return
        self._finish_storing()
        pairs = (Uuids(tenant for tenant, _ in missing), Uuids(scope for _, scope in missing))
        for table in one.projection.held:
            row = self._writing.execute(tables.load_sql(one.name, table), pairs, prepare=True).fetchone()
            for loaded in tables.decoder(table).decode(row[0] if row else "[]"):
                one.scopes.hold((loaded.tenant_id, getattr(loaded, table.scope))).load(loaded)
        for scope in missing:
            one.scopes.hold(scope)

    def _store(self, work: Work, last: int) -> None:
        with self._writing.transaction():
            for one, changes in work:
                store(self._writing, self._copying, one.name, changes)
                self._move(one, last)
        for one, _ in work:
            one.stored = max(last, one.stored)

    def _move(self, one: Followed, last: int) -> None:
        """The position moves only from where we believe it to be, and only while we are the one."""
        if last <= one.stored:
            return
        moved = self._writing.execute(MOVE, (last, one.name, one.stored, one.epoch), prepare=True)
        if moved.rowcount != 1:
            raise Fenced(f"expected to be the one who writes {one.projection.name!r}, but another took over")

    def _finish_storing(self) -> None:
        storing, self._storing = self._storing, None
        if storing is not None:
            storing.result()

    def _begin_again(self) -> None:
        """Forget what is held in memory; the database says where to go on."""
        for future in (self._fetched, self._storing):
            if future is not None:
                future.exception()
        self._fetched = self._storing = None
        for one in self.followed:
            one.scopes.forget_all()
            one.folded = one.stored

    def _take_over(self, projection: Projection) -> Followed:
        name = projection.name + self._suffix
        row = self._writing.execute(TAKE_OVER, (name,)).fetchone()
        if row is None:
            raise LookupError(name)
        position, epoch, version = row
        if version != projection.version:
            raise VersionsDiffer(
                f"expected rows of version {projection.version} of {projection.name!r}, but they are of {version}: "
                f"run `ashiato rebuild {projection.name}`"
            )
        scopes = Scopes(projection, self._most_scopes)
        return Followed(name, projection, scopes, position, position, epoch)


def store(connection: Connection[Any], copying: Copying, schema: str, changes: Changes) -> None:
    """Write a batch's changes, within a transaction."""
    for table, rows in changes.dropped.items():
        connection.execute(tables.delete_sql(schema, table), (tables.to_json(rows),), prepare=True)
    for table, rows in changes.changed.items():
        if rows:
            connection.execute(tables.upsert_sql(schema, table), (tables.to_json(rows),), prepare=True)
    for table, rows in changes.added.items():
        copying(schema, table, rows)
    tallies.add(connection, schema, changes.sums)
    for tenant, table in changes.closed:
        connection.execute(tables.erase_sql(schema, table), {"erased": ERASED, "tenant": tenant})
