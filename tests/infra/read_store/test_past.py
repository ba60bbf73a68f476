"""How the past is folded is nobody's business but its own: in chunks, with the garbage collector out of the way."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool

from infra.read_store import past
from infra.read_store.folding import uncollected
from infra.read_store.past import Past, fold_past, past_connections
from projections.progress import progress
from services.demo.generator import DemoCompany

TABLES = ("run_progress", "step_progress")


@pytest.fixture
def connections(module_database: str) -> Iterator[ConnectionPool[Connection[Any]]]:
    with past_connections(module_database) as connections:
        yield connections


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
