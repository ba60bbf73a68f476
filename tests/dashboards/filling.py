"""Read models of many events, made of one demo company's log: one huge company, and many of the usual size.

Runs are copied under new ids, done by people of their own until the company has 2,000 of them: so far a law calls a
company mid-sized (産業競争力強化法, 中堅企業者). What is copied beyond are runs of its past: they came to an end, were
done by the same people, and are ten months older each time that everybody had their turn. Everything is folded by the
projections themselves: the rows are those that such a log would give. The log itself is not copied, since no dashboard
of now reads it. One company holds half of all events.
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
from domain.runs.events import RunCancelled, RunCompleted, RunStarted
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
from tests.dashboards.ageing import Dates

LOG = f"SELECT {STORED} FROM events ORDER BY stream_id, version"
UNFILLED = ("trail",)
"""A row for each event, and no dashboard reads it: of millions it would be most of the work."""
ENDS = (RunCompleted, RunCancelled)
HANDS = ("starter", "assignee", "by", "new", "old")
"""The fields of a run's events that name somebody."""
MOST_PEOPLE = 2_000
A_BATCH = 100
END = datetime(2026, 10, 1, tzinfo=UTC)
MONTHS = timedelta(days=300)
LIFE = timedelta(weeks=43)
"""As long as the ten months, in whole weeks: so that a Monday stays one."""


@dataclass(frozen=True)
class Filled:
    """What was filled: the huge company, one of the others, and how many events they all stand for."""

    huge: TenantId
    small: TenantId
    events: int


class Base(NamedTuple):
    """A company's log: its runs' streams, and the others; who, what and when in events of the runs, and its people."""

    runs: list[Stream]
    rest: list[Stream]
    hands: list[tuple[Event, str, MemberId]]
    about: list[tuple[Event, str]]
    dates: Dates
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


def fill(dsn: str, events: int, most_people: int = MOST_PEOPLE) -> Filled:
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
            company = Company(base, ids, most_people)
            while done < events // 2:
                done += filler.add(company.copied(), huge)
                if company.grew:
                    filler.employ(base.people, huge)
            small = huge
            while done < events:
                small = TenantId(next(ids))
                done += filler.add(base.rest, small) + filler.add(Company(base, ids).copied(), small)
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
    logged = [both for stream in by_kind[True] for both in stream.events]
    events = [event for event, _ in logged]
    hands = [(e, name, getattr(e, name)) for e in events for name in HANDS if getattr(e, name, None)]
    about = [(e, e.subject) for e in events if isinstance(e, RunStarted)]
    company = changed(fold_streams(directory, by_kind[False]), Person)
    people = [Employed(row, MemberId(row.member_id)) for row in company]
    return Base(by_kind[True], by_kind[False], hands, about, Dates(logged, LIFE), people)


def changed(changes: Changes, table: type[Person]) -> list[Person]:
    """The rows of one table."""
    return [row for row in changes.changed.get(table, []) if isinstance(row, table)]


def _is_run(stream: Stream) -> bool:
    return stream.events[0][1].type.startswith("run.")


class Company:
    """Copies a base's runs under new ids, by people and about subjects of their own."""

    def __init__(self, base: Base, ids: Iterator[str], most_people: int = MOST_PEOPLE) -> None:
        self._most_people = most_people
        self._base = base
        self._ids = ids
        self._staffs: list[list[MemberId]] = []
        self._copies = 0
        self.grew = True

    def copied(self) -> Sequence[Stream]:
        """The same runs once more. Their events were folded before they are changed again."""
        self.grew = not self._staffs or (len(self._staffs) + 1) * len(self._base.people) <= self._most_people
        if self.grew:
            self._staffs.append([MemberId(next(self._ids)) for _ in self._base.people])
        ago, whose = divmod(self._copies, len(self._staffs))
        self._base.dates.put_back(ago)
        self._name(self._staffs[whose], next(self._ids))
        self._copies += 1
        runs = self._base.runs if self.grew else [run for run in self._base.runs if not run.types.isdisjoint(ENDS)]
        for stream in runs:
            run = next(self._ids)
            for _, meta in stream.events:
                meta.stream = run
        return runs

    def _name(self, staff: Sequence[MemberId], copy: str) -> None:
        for someone, member in zip(self._base.people, staff, strict=True):
            someone.now = member
        now = {MemberId(someone.row.member_id): someone.now for someone in self._base.people}
        for event, name, member in self._base.hands:
            object.__setattr__(event, name, now.get(member, member))
        for event, subject in self._base.about:
            object.__setattr__(event, "subject", f"{subject} {copy}")


def _ids() -> Iterator[str]:
    chance, instant = Random(7), int(END.timestamp() * 1000)
    while True:
        yield uuid7_at(instant, chance.randbytes(10))
