"""Who reads while tables go live, and while they are rolled back, sees one version or the other, and no error."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import psycopg
import pytest

from infra.read_store import cutover, stages
from infra.read_store.asking import Asking, reading_pool
from infra.read_store.cutover import InTheWay
from infra.read_store.live import Live, connect
from infra.read_store.past import past_connections
from infra.roles import ROLES, as_role
from projections.catalogue import PROJECTIONS
from projections.progress import progress
from queries.asking import Question
from services.demo.generator import DemoCompany
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.read_store.test_changed_definition import CHANGED
from tests.infra.read_store.test_stages import standing

BACK_AND_FORTH = 3
READERS = 3


@dataclass(frozen=True)
class Seen:
    """How many runs were clean, by the version's own definition, and which tables were found under their names."""

    clean: int
    tables: list[int]


EVERYTHING = Question(
    """
    SELECT (SELECT sum(clean)::int FROM run_week) AS clean,
           ARRAY[(SELECT tableoid::int FROM run_part LIMIT 1), (SELECT tableoid::int FROM run_progress LIMIT 1),
                 (SELECT tableoid::int FROM step_progress LIMIT 1), (SELECT tableoid::int FROM run_days LIMIT 1),
                 (SELECT tableoid::int FROM step_week LIMIT 1), (SELECT tableoid::int FROM run_week LIMIT 1)] AS tables
    """,
    Seen,
    (),
)
ONE = "SELECT tableoid::int FROM progress.run_progress LIMIT 1"
OTHER = "SELECT tableoid::int FROM progress.run_week LIMIT 1"


@pytest.fixture
def dsn(module_database: str, company: DemoCompany) -> str:
    """Live rows of the first version, and replayed ones of the second beside them."""
    with connect(module_database) as connection:
        for one in PROJECTIONS:
            connection.execute(f"DROP SCHEMA IF EXISTS {one.name}, {one.name}__next, {one.name}__old CASCADE")
        connection.execute("DELETE FROM projections")
    with Live(module_database, PROJECTIONS) as live:
        while live.step():
            pass
    stages.replay(module_database, [CHANGED], workers=1)
    return module_database


async def reading(dsn: str, tenant: str, ended: Callable[[], bool]) -> list[list[Seen]]:
    """What each reader sees, one answer after the other, until it has ended."""
    past = past_connections(dsn)
    async with reading_pool(dsn, READERS) as connections:
        ask = Asking(connections, past)

        async def read() -> list[Seen]:
            seen = []
            while not ended():
                seen += await ask(EVERYTHING, tenant, {})
            return seen + await ask(EVERYTHING, tenant, {})

        return await asyncio.gather(*(read() for _ in range(READERS)))


def test_every_answer_is_of_one_version_while_versions_change(dsn: str, company: DemoCompany) -> None:
    def back_and_forth() -> None:
        stages.go_live(dsn, [CHANGED])
        for _ in range(BACK_AND_FORTH):
            stages.roll_back(dsn, [progress])
            stages.roll_back(dsn, [CHANGED])

    changing = Thread(target=back_and_forth)
    changing.start()
    seen = asyncio.run(reading(dsn, company.tenant, lambda: not changing.is_alive()))
    changing.join()
    answers = {(one.clean, tuple(one.tables)) for of_one in seen for one in of_one}
    assert len(answers) == len({clean for clean, _ in answers}) == 2
    assert standing(dsn).version == CHANGED.version


@contextmanager
def amid_an_answer(dsn: str) -> Iterator[tuple[psycopg.Connection[Any], int]]:
    """A reader who has read one table of several, and which; he ends with the block."""
    with psycopg.connect(as_role(dsn, ROLES.projector)) as reader:
        yield reader, found(reader, ONE)


def found(reader: psycopg.Connection[Any], statement: str) -> int:
    row = reader.execute(statement).fetchone()
    assert row
    return int(row[0])


def test_who_has_read_one_table_finds_the_others_of_the_same_version(dsn: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        with amid_an_answer(dsn) as (reader, one):
            live = thread.submit(stages.go_live, dsn, [CHANGED])
            wait_until(lambda: locks_awaited(dsn) > 0)
            other = found(reader, OTHER)
            assert not live.done()
        live.result()
    with connect(dsn) as connection:
        tables = {connection.execute("SELECT %s::regclass::text", (table,)).fetchone() for table in (one, other)}
    assert tables == {("progress__old.run_progress",), ("progress__old.run_week",)}


def test_a_reader_who_does_not_end_keeps_tables_from_going_live_and_harms_nothing(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutover, "PATIENCE", 0.5)
    with amid_an_answer(dsn), pytest.raises(InTheWay, match="some statement or transaction holds them"):
        stages.go_live(dsn, [CHANGED])
    assert standing(dsn).version == progress.version
    assert standing(dsn).next_version == CHANGED.version
    stages.go_live(dsn, [CHANGED])
    assert standing(dsn).version == CHANGED.version


def locks_awaited(dsn: str) -> int:
    """How many of the read model's tables somebody waits for."""
    with connect(dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation::regclass::text LIKE 'progress.%'"
        ).fetchone()
    return int(row[0]) if row else 0
