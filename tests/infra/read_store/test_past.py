"""The past is what was there then. How it is folded is nobody's business but its own: in chunks, and uncollected."""

import gc
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from infra.read_store import past
from infra.read_store.asking import OWNERS, Asking, AsOfUnknown, reading_pool
from infra.read_store.folding import uncollected
from infra.read_store.live import Live
from infra.read_store.past import Past, fold_past, past_connections
from projections.catalogue import PROJECTIONS
from projections.progress import progress
from queries.asking import Question
from queries.run_detail import run_detail
from services.demo.generator import DemoCompany

TABLES = ("run_progress", "step_progress")


@pytest.fixture
def connections(module_database: str) -> Iterator[ConnectionPool[Connection[Any]]]:
    with past_connections(module_database) as connections:
        yield connections


@pytest.mark.usefixtures("no_read_models")
async def test_as_of_any_sequence_the_tables_are_what_they_were_then(
    module_database: str, connections: ConnectionPool[Connection[Any]], company: DemoCompany
) -> None:
    chosen = random.Random(5)
    with Live(module_database, PROJECTIONS, batch=311) as live:
        async with reading_pool(module_database) as reading:
            ask = Asking(reading, connections)
            while live.step():
                live.flush()
                if chosen.random() < 0.3:
                    await _compare(ask, module_database, company.tenant, live.position)


async def _compare(ask: Asking, dsn: str, tenant: str, seq: int) -> None:
    """One tenant alone in its log: its sequence is the position. Now and as of now must agree on every table."""
    for name, (owner, table) in OWNERS.items():
        question: Question[Any] = Question(f"SELECT * FROM {name} WHERE tenant_id = %(tenant)s", table, (name,))
        now = await ask(question, tenant, {})
        then = await ask(question, tenant, {}, as_of=seq)
        assert sorted(map(repr, now)) == sorted(map(repr, then)), (owner.name, name, seq)


@pytest.mark.usefixtures("no_read_models")
async def test_a_run_as_of_its_own_sequences_grows_step_by_step(
    module_database: str, connections: ConnectionPool[Connection[Any]], company: DemoCompany
) -> None:
    with Live(module_database, PROJECTIONS) as live:
        while live.step():
            pass
    with psycopg.connect(module_database) as connection:
        row = connection.execute(
            "SELECT stream_id::text, array_agg(tenant_seq ORDER BY version) FROM events "
            "WHERE type LIKE 'run.%' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    assert row
    run, sequences = row
    async with reading_pool(module_database) as reading:
        ask = Asking(reading, connections)
        for version, seq in enumerate(sequences, 1):
            detail = await run_detail(ask, company.tenant, run, today=date(2026, 10, 1), as_of=seq)
            assert detail is not None
            assert (detail.run.version, detail.run.changed_seq) == (version, seq)
        assert await run_detail(ask, company.tenant, run, today=date(2026, 10, 1), as_of=sequences[0] - 1) is None
        with pytest.raises(AsOfUnknown, match="expected a sequence from 0 to"):
            await run_detail(ask, company.tenant, run, today=date(2026, 10, 1), as_of=10**9)


@pytest.mark.parametrize("seq", [0, 1, 99, 100, 101, 700])
def test_the_size_of_chunks_changes_nothing(
    connections: ConnectionPool[Connection[Any]], company: DemoCompany, seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def folded(chunk: int) -> Past:
        monkeypatch.setattr(past, "CHUNK", chunk)
        return fold_past(connections, progress, company.tenant, seq, None, TABLES)

    assert folded(100) == folded(33) == folded(10_000)


def test_only_the_tables_wanted_are_kept(
    connections: ConnectionPool[Connection[Any]], company: DemoCompany
) -> None:
    assert list(fold_past(connections, progress, company.tenant, 700, None, ("run_progress",)).rows) == ["run_progress"]


def test_the_collector_is_on_again_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        assert gc.isenabled() / 0
    assert gc.isenabled()


def test_the_collector_is_on_again_when_folds_overlap() -> None:
    first, second = uncollected(), uncollected()
    with first:
        second.__enter__()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()
    gc.enable()
