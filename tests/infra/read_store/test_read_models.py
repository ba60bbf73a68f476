"""A read model is the same however it is made: live in any batches, or rebuilt."""

from threading import Event as Signal
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from infra.read_store import replaying
from infra.read_store.asking import OWNERS
from infra.read_store.folder import Folder
from infra.read_store.live import Fenced, Live, VersionsDiffer, connect
from infra.read_store.making import store
from infra.read_store.rebuild import prepare_and_replay, rebuild
from infra.read_store.stages import status
from infra.read_store.verify import PartitionsApart, verify
from projections.catalogue import PROJECTIONS
from projections.engine import Projection
from projections.progress import progress

pytestmark = pytest.mark.usefixtures("company", "no_read_models")
Tables = dict[str, list[TupleRow]]


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


@pytest.mark.parametrize(("decoded", "at_once"), [(1, 1), (7, 3), (3, 1_000), (100_000, 100_000)])
def test_how_much_of_a_replay_is_in_memory_at_once_changes_nothing(
    module_database: str, monkeypatch: pytest.MonkeyPatch, decoded: int, at_once: int
) -> None:
    monkeypatch.setattr(replaying, "DECODED", decoded)
    monkeypatch.setattr(replaying, "AT_ONCE", at_once)
    follow(module_database)
    assert verify(module_database, PROJECTIONS, workers=1) == []  # one worker: in this process


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
