"""A read model is the same however it is made: live in any batches, rebuilt, or folded as of its end."""

import random
from collections.abc import Iterator
from datetime import date
from threading import Event as Signal
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from infra.read_store.asking import OWNERS, Asking, AsOfUnknown, reading_pool
from infra.read_store.folder import Folder
from infra.read_store.live import Fenced, Live, VersionsDiffer, connect
from infra.read_store.making import store
from infra.read_store.past import past_connections
from infra.read_store.rebuild import prepare_and_replay, rebuild
from infra.read_store.stages import status
from infra.read_store.tables import columns
from infra.read_store.verify import PartitionsApart, verify
from projections.catalogue import PROJECTIONS
from projections.engine import Projection, Row
from projections.progress import progress
from queries.asking import Question
from queries.run_detail import run_detail
from services.demo.generator import DemoCompany

Tables = dict[str, list[TupleRow]]


@pytest.fixture(autouse=True)
def _empty_read_side(module_database: str, company: DemoCompany) -> Iterator[None]:
    """Every test begins with a full log and no read model."""
    yield
    with connect(module_database) as connection:
        for schema in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ %s", (f"^({'|'.join(p.name for p in PROJECTIONS)})",)
        ).fetchall():
            connection.execute(f"DROP SCHEMA {schema[0]} CASCADE")
        connection.execute("DELETE FROM projections")


def follow(dsn: str, batch: int = 2_000, until: int | None = None, most_scopes: int = 2_000) -> None:
    with Live(dsn, PROJECTIONS, batch=batch, most_scopes=most_scopes) as live:
        while live.step() and (until is None or live.position < until):
            pass


def to_its_end(live: Live) -> None:
    while live.step():
        pass


def contents(dsn: str) -> Tables:
    with connect(dsn) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {owner.name}.{name}").fetchall(), key=repr)
            for name, (owner, _) in OWNERS.items()
        }


@pytest.mark.parametrize(("batch", "most_scopes"), [(7, 2), (50, 10_000), (10_000, 1)])
def test_the_size_of_batches_and_of_memory_changes_nothing(
    module_database: str, batch: int, most_scopes: int
) -> None:
    follow(module_database, batch=batch, most_scopes=most_scopes)
    odd = contents(module_database)
    with connect(module_database) as connection:
        connection.execute("DELETE FROM projections")
        for projection in PROJECTIONS:
            connection.execute(f"DROP SCHEMA {projection.name} CASCADE")
    follow(module_database)
    assert odd == contents(module_database)


def test_live_and_rebuilt_are_the_same_row_by_row(module_database: str) -> None:
    follow(module_database)
    assert verify(module_database, PROJECTIONS) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_nothing(module_database: str, workers: int) -> None:
    follow(module_database)
    told: list[tuple[int, int]] = []
    assert verify(module_database, PROJECTIONS, workers, lambda done, total: told.append((done, total))) == []
    assert told[-1][0] == told[-1][1]


def test_a_changed_row_is_found(module_database: str) -> None:
    follow(module_database)
    with connect(module_database) as connection:
        connection.execute("UPDATE progress.run_progress SET done = done + 1 WHERE run_id IN "
                           "(SELECT run_id FROM progress.run_progress LIMIT 1)")
    (difference,) = verify(module_database, PROJECTIONS)
    assert (difference.table, difference.only_live, difference.only_rebuilt) == ("progress.run_progress", 1, 1)


def test_partitions_that_are_not_equally_far_are_not_compared(module_database: str) -> None:
    follow(module_database)
    with connect(module_database) as connection:
        connection.execute("INSERT INTO projections (name, partition, version, position) VALUES ('progress', 1, 1, 7)")
    with pytest.raises(PartitionsApart, match="read equally far"):
        verify(module_database, PROJECTIONS)
    [standing] = status(module_database, [progress])
    assert (standing.version, standing.position) == (progress.version, 7)


def test_a_rebuild_takes_the_place_of_what_was_there(module_database: str) -> None:
    follow(module_database, batch=500, until=1_000)
    with connect(module_database) as connection:
        connection.execute("UPDATE progress.run_progress SET title = 'wrong'")
    rebuild(module_database, PROJECTIONS)
    rebuilt = contents(module_database)
    assert not any("wrong" in row for row in rebuilt["run_progress"])
    follow(module_database)
    assert contents(module_database) == rebuilt


def test_a_projector_goes_on_from_a_rebuild_and_the_one_before_is_fenced_off(module_database: str) -> None:
    with Live(module_database, PROJECTIONS, batch=100) as before:
        before.step()
        before.step()
        rebuild(module_database, PROJECTIONS)
        rebuilt = contents(module_database)
        with pytest.raises(Fenced):
            to_its_end(before)
    follow(module_database)
    assert contents(module_database) == rebuilt


def test_of_two_projectors_only_the_newer_one_writes(module_database: str) -> None:
    with Live(module_database, PROJECTIONS, batch=100) as older:
        older.step()
        follow(module_database, batch=300)
        with pytest.raises(Fenced):
            to_its_end(older)
    assert verify(module_database, PROJECTIONS) == []


def test_a_batch_that_fails_leaves_nothing_behind_and_is_done_again(
    module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([False, True, False, True])

    def failing(*given: Any) -> None:
        store(*given)
        if next(failures, False):
            raise psycopg.OperationalError("a database that fails now and then")

    with Live(module_database, PROJECTIONS, batch=200) as live:
        monkeypatch.setattr("infra.read_store.live.store", failing)
        failed = 0
        while True:
            try:
                if not live.step():
                    break
            except psycopg.OperationalError:
                failed += 1
                assert {one.stored[0].position for one in live.followed} == {live.position}
                assert {one.folded[0].position for one in live.followed} == {live.position}
        assert live.news == []
    assert failed == 2
    assert verify(module_database, PROJECTIONS) == []


def test_rows_that_are_stored_hold_nothing_of_the_batch_that_is_folded_meanwhile(
    module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded, stored = Signal(), iter([True, False])
    fold = Folder.fold

    def folding(*given: Any) -> Any:
        work = fold(*given)
        if live.followed[0].folded[0].position:
            folded.set()
        return work

    def storing(*given: Any) -> None:
        if given[2] == "directory" and not next(stored):
            raise psycopg.OperationalError("the program ends here")
        folded.wait(2)
        store(*given)

    with Live(module_database, PROJECTIONS, batch=400) as live:
        monkeypatch.setattr(Folder, "fold", folding)
        monkeypatch.setattr("infra.read_store.live.store", storing)
        live.step()
        live.step()
        with pytest.raises(psycopg.OperationalError):
            live.flush()
    assert verify(module_database, PROJECTIONS) == []


def test_rows_of_another_version_of_the_fold_are_not_written_on(module_database: str) -> None:
    follow(module_database)
    changed = Projection("progress", progress.version + 1, progress.tables, progress.ddl, progress.handlers)
    with pytest.raises(VersionsDiffer, match="ashiato rebuild progress"), Live(module_database, [changed]):
        pass


def test_an_abandoned_rebuild_is_no_obstacle_to_the_next(module_database: str) -> None:
    follow(module_database)
    prepare_and_replay(module_database, PROJECTIONS)
    rebuild(module_database, PROJECTIONS)
    assert verify(module_database, PROJECTIONS) == []


async def test_as_of_any_sequence_the_tables_are_what_they_were_then(
    module_database: str, company: DemoCompany
) -> None:
    chosen = random.Random(5)
    past = past_connections(module_database)
    past.open()
    with Live(module_database, PROJECTIONS, batch=311) as live:
        async with reading_pool(module_database) as connections:
            ask = Asking(connections, past)
            while live.step():
                live.flush()
                if chosen.random() < 0.3:
                    await _compare(ask, module_database, company.tenant, live.position)
    past.close()


async def _compare(ask: Asking, dsn: str, tenant: str, seq: int) -> None:
    """One tenant alone in its log: its sequence is the position. Now and as of now must agree on every table."""
    for name, (owner, table) in OWNERS.items():
        question: Question[Any] = Question(f"SELECT * FROM {name} WHERE tenant_id = %(tenant)s", table, (name,))
        now = await ask(question, tenant, {})
        then = await ask(question, tenant, {}, as_of=seq)
        assert sorted(map(repr, now)) == sorted(map(repr, then)), (owner.name, name, seq)


async def test_a_run_as_of_its_own_sequences_grows_step_by_step(module_database: str, company: DemoCompany) -> None:
    follow(module_database)
    with psycopg.connect(module_database) as connection:
        row = connection.execute(
            "SELECT stream_id::text, array_agg(tenant_seq ORDER BY version) FROM events "
            "WHERE type LIKE 'run.%' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    assert row
    run, sequences = row
    past = past_connections(module_database)
    past.open()
    async with reading_pool(module_database) as connections:
        ask = Asking(connections, past)
        for version, seq in enumerate(sequences, 1):
            detail = await run_detail(ask, company.tenant, run, today=date(2026, 10, 1), as_of=seq)
            assert detail is not None
            assert (detail.run.version, detail.run.changed_seq) == (version, seq)
        assert await run_detail(ask, company.tenant, run, today=date(2026, 10, 1), as_of=sequences[0] - 1) is None
        with pytest.raises(AsOfUnknown, match="expected a sequence from 0 to"):
            await run_detail(ask, company.tenant, run, today=date(2026, 10, 1), as_of=10**9)
    past.close()


def test_every_table_is_its_row_class_column_by_column(module_database: str) -> None:
    follow(module_database, until=1)
    with connect(module_database) as connection:
        for name, (owner, table) in OWNERS.items():
            found = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
                (f"{owner.name}.{name}",),
            ).fetchall()
            assert [column for (column,) in found] == columns(table), name


def test_every_table_begins_its_key_with_the_tenant(module_database: str) -> None:
    follow(module_database, until=1)
    with connect(module_database) as connection:
        keys = connection.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'p' AND c.connamespace::regnamespace::text = ANY (%s)",
            ([p.name for p in PROJECTIONS],),
        ).fetchall()
    assert len(keys) == len(OWNERS)
    assert {first for _, first in keys} == {"tenant_id"}


def test_no_row_class_is_a_stranger_to_its_projection() -> None:
    assert all(issubclass(table, Row) for _, table in OWNERS.values())
