"""Read models of many events, made of one demo company's log: one huge company, and many of the usual size.

Runs are copied under new ids, done by people of their own (a company with a hundred times the runs has a hundred times
the people), and folded by the projections themselves: the rows are those that such a log would give. The log itself is
not copied, since no dashboard of now reads it. One company holds half of all events.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any, NamedTuple

import uvloop
from psycopg import Connection

from domain.events import Event
from domain.ids import MemberId, TenantId
from domain.runs.events import RunStarted
from infra.ids import uuid7_at
from infra.keys.opening import Opening
from infra.read_store import tallies
from infra.read_store.copying import Copying
from infra.read_store.folding import STORED, Changes, decoded, uncollected
from infra.read_store.live import BEGIN, PROTECT, connect, create
from infra.read_store.replaying import Stream, fold_streams, streams_of
from infra.read_store.side import aside, take_indexes
from projections.catalogue import PROJECTIONS
from projections.directory import Person, directory
from projections.engine import Projection
from services.bootstrap import write_side
from services.demo.companies import MIDORI, CompanyPlan
from services.demo.generator import generate

LOG = f"SELECT {STORED} FROM events ORDER BY stream_id, version"
UNFILLED = ("trail",)
"""A row for each event, and no dashboard reads it: of millions it would be most of the work."""
HANDS = ("starter", "assignee", "by", "new", "old")
"""The fields of a run's events that name somebody."""
A_BATCH = 100
END = datetime(2026, 10, 1, tzinfo=UTC)
MONTHS = timedelta(days=300)


@dataclass(frozen=True)
class Filled:
    """What was filled: the huge company, one of the others, and how many events they all stand for."""

    huge: TenantId
    small: TenantId
    events: int


class Base(NamedTuple):
    """A company's log: its runs' streams, and the others; who and what stands in events of the runs, and its people."""

    runs: list[Stream]
    rest: list[Stream]
    hands: list[tuple[Event, str, MemberId]]
    about: list[tuple[Event, str]]
    people: list["Employed"]


@dataclass
class Employed:
    """Somebody, and who they are in the copy that was made last."""

    row: Person
    now: MemberId


def lived(dsn: str, plan: CompanyPlan = MIDORI) -> None:
    """A demo company's ten months, made by commands in an empty database."""

    async def live() -> None:
        async with write_side(dsn) as write:
            await generate(write, seed=3, start=END - MONTHS, end=END, companies=(plan,))

    uvloop.run(live())


def fill(dsn: str, events: int) -> Filled:
    """Fill the read models of a database that `lived` as if so many events had happened; no projector may run."""
    projections = [p for p in PROJECTIONS if p.name not in UNFILLED]
    with connect(dsn) as reading:
        base = _base(reading)
    ids = _ids()
    huge = TenantId(next(ids))
    with ExitStack() as stack:
        connection = stack.enter_context(aside(dsn))
        filler = Filler(connection, projections)
        indexes = filler.prepare()
        with uncollected():
            done = filler.add(base.rest, huge)
            while done < events // 2:
                done += filler.add(_copied(base, ids), huge)
                filler.employ(base.people, huge)
            small = huge
            while done < events:
                small = TenantId(next(ids))
                done += filler.add(base.rest, small) + filler.add(_copied(base, ids), small)
        tallies.sum_up(connection, [(p.name, p) for p in projections])
        indexes.put_back(dsn, 2)
        filler.protect()
    return Filled(huge, small, done)


class Filler:
    """Folds streams into empty tables without indexes."""

    def __init__(self, connection: Connection[Any], projections: Sequence[Projection]) -> None:
        self._connection = connection
        self._projections = projections
        self._copying = Copying(connection)
        self._seq = 0

    def prepare(self) -> Any:
        """Make the tables; what is taken from them until they are full."""
        with self._connection.transaction():
            for projection in self._projections:
                self._connection.execute(f"DROP SCHEMA IF EXISTS {projection.name} CASCADE")
                self._connection.execute("DELETE FROM projections WHERE name = %s", (projection.name,))
                create(self._connection, projection, projection.name)
            return take_indexes(self._connection, [p.name for p in self._projections])

    def add(self, streams: Sequence[Stream], tenant: TenantId) -> int:
        """Fold streams as a company's; how many events they have."""
        done = 0
        for start in range(0, len(streams), A_BATCH):
            batch = streams[start : start + A_BATCH]
            for stream in batch:
                for _, meta in stream.events:
                    self._seq += 1
                    meta.tenant, meta.seq = tenant, self._seq
                done += len(stream.events)
            self._store(batch)
        return done

    def employ(self, people: Sequence[Employed], tenant: TenantId) -> None:
        """Let the people of the last copy be the company's."""
        rows = [replace(one.row, tenant_id=tenant, member_id=one.now, email=f"{one.now}@e.example") for one in people]
        with self._connection.transaction():
            self._copying(directory.name, Person, rows)

    def _store(self, batch: Sequence[Stream]) -> None:
        with self._connection.transaction():
            for projection in self._projections:
                changes = fold_streams(projection, batch)
                for table, rows in (*changes.changed.items(), *changes.added.items(), *changes.sums.rows().items()):
                    self._copying(projection.name, table, rows)

    def protect(self) -> None:
        """Let readers see their company's rows."""
        with self._connection.transaction():
            for projection in self._projections:
                self._connection.execute(PROTECT, (projection.name, True))
                self._connection.execute(BEGIN, (projection.name, projection.version))


def _base(connection: Connection[Any]) -> Base:
    stored = connection.cursor(binary=True).execute(LOG).fetchall()
    streams = streams_of(decoded(stored, Opening(connection)))
    by_kind = {is_run: list(of) for is_run, of in groupby(sorted(streams, key=_is_run), key=_is_run)}
    events = [event for stream in by_kind[True] for event, _ in stream.events]
    hands = [(e, name, getattr(e, name)) for e in events for name in HANDS if getattr(e, name, None)]
    about = [(e, e.subject) for e in events if isinstance(e, RunStarted)]
    company = changed(fold_streams(directory, by_kind[False]), Person)
    return Base(
        by_kind[True], by_kind[False], hands, about, [Employed(row, MemberId(row.member_id)) for row in company]
    )


def changed(changes: Changes, table: type[Person]) -> list[Person]:
    """The rows of one table."""
    return [row for row in changes.changed.get(table, []) if isinstance(row, table)]


def _is_run(stream: Stream) -> bool:
    return stream.events[0][1].type.startswith("run.")


def _copied(base: Base, ids: Iterator[str]) -> Sequence[Stream]:
    """The same runs under new ids, by and about others. Their events were folded before they are changed again."""
    for stream in base.runs:
        run = next(ids)
        for _, meta in stream.events:
            meta.stream = run
    for someone in base.people:
        someone.now = MemberId(next(ids))
    now = {MemberId(someone.row.member_id): someone.now for someone in base.people}
    for event, name, member in base.hands:
        object.__setattr__(event, name, now.get(member, member))
    copy = next(ids)
    for event, subject in base.about:
        object.__setattr__(event, "subject", f"{subject} {copy}")
    return base.runs


def _ids() -> Iterator[str]:
    chance, instant = Random(7), int(END.timestamp() * 1000)
    while True:
        yield uuid7_at(instant, chance.randbytes(10))
