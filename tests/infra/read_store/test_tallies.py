"""Tallies in the database: added to live, summed up by a rebuild, folded as of an instant; always the same rows."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import pytest

from infra.read_store.live import Live, connect
from infra.read_store.past import fold_past, past_connections
from infra.read_store.rebuild import rebuild
from infra.read_store.tallies import add, sum_up_sql
from infra.read_store.verify import verify
from projections.step_tallies import StepWeek
from projections.tallying import counted
from services.demo.generator import DemoCompany
from tests.projections.census import Happened, census

ROWS = "SELECT to_jsonb(t) FROM census.{} t"
TALLIES = ("census_standing", "census_happened")


@pytest.fixture(autouse=True)
def _empty_read_side(module_database: str, company: DemoCompany) -> Iterator[None]:
    """Every test begins with a full log and no read model."""
    yield
    with connect(module_database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS census, census__next CASCADE")
        connection.execute("DELETE FROM projections")


def follow(dsn: str, batch: int, most_scopes: int = 2_000) -> None:
    with Live(dsn, [census], batch=batch, most_scopes=most_scopes) as live:
        while live.step():
            pass


Plain = list[list[tuple[str, Any]]]


def tallied(dsn: str) -> dict[str, Plain]:
    with connect(dsn) as connection:
        return {name: plain(connection.execute(ROWS.format(name)).fetchall()) for name in TALLIES}


def plain(rows: Iterable[tuple[dict[str, Any]]]) -> Plain:
    return sorted(sorted(row.items()) for (row,) in rows)


@pytest.mark.parametrize(("batch", "most_scopes"), [(7, 2), (311, 10_000), (10_000, 1)])
def test_whatever_the_batches_they_are_what_a_rebuild_makes(
    module_database: str, batch: int, most_scopes: int
) -> None:
    follow(module_database, batch, most_scopes)
    assert all(tallied(module_database).values())
    assert verify(module_database, [census], workers=1) == []


def test_the_projector_adds_to_what_a_rebuild_left(module_database: str) -> None:
    follow(module_database, 500)
    before = tallied(module_database)
    with connect(module_database) as connection:
        connection.execute("UPDATE census.census_happened SET times = times + 1")
    rebuild(module_database, [census], workers=1)
    follow(module_database, 500)
    assert tallied(module_database) == before


def test_they_are_summed_up_week_by_week() -> None:
    *_, stored = sum_up_sql("tasks", StepWeek)
    assert stored.endswith("ORDER BY tenant_id, week, procedure_id, step_id, department, confidential")


def test_as_of_any_sequence_they_are_what_they_were(module_database: str, company: DemoCompany) -> None:
    with past_connections(module_database) as past, Live(module_database, [census], batch=400) as live:
        while live.step():
            live.flush()
            # One tenant alone in its log: its sequence is the position.
            then = fold_past(past, census, company.tenant, live.position, None, TALLIES).rows
            assert {name: plain([(row,) for row in json.loads(then[name])]) for name in TALLIES} == tallied(
                module_database
            )


def test_a_number_that_was_changed_by_hand_is_found(module_database: str) -> None:
    follow(module_database, 1_000)
    with connect(module_database) as connection:
        connection.execute("UPDATE census.census_happened SET times = times + 1 WHERE what = 'run.step_ready'")
    (difference,) = verify(module_database, [census], workers=1)
    assert (difference.table, difference.only_live, difference.only_rebuilt) == ("census.census_happened", 1, 1)


def test_a_row_that_comes_to_nothing_goes(module_database: str, company: DemoCompany) -> None:
    follow(module_database, 1_000)
    before = tallied(module_database)
    with connect(module_database) as connection:
        add(connection, "census", counted([Happened(company.tenant, "new", 2)]))
        assert tallied(module_database) != before
        add(connection, "census", counted([Happened(company.tenant, "new", -1), Happened(company.tenant, "new", -1)]))
    assert tallied(module_database) == before


def test_readers_see_their_own_tenants_rows(module_database: str, company: DemoCompany) -> None:
    follow(module_database, 1_000)
    with psycopg.connect(module_database) as connection:
        connection.execute("SET ROLE ashiato_reader")
        assert connection.execute("SELECT count(*) FROM census.census_happened").fetchone() == (0,)
        connection.execute("SELECT set_config('ashiato.tenant', %s, true)", (company.tenant,))
        seen = connection.execute("SELECT count(*) FROM census.census_happened").fetchone()
    assert seen
    assert seen[0] > 0
