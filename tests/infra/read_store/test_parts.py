"""A replay is made of parts that are done once, by whoever comes first; anybody can ask how far it is."""

import pytest

from infra.read_store import parts, stages
from infra.read_store.live import connect
from infra.read_store.rebuild import alone, prepare_and_replay
from infra.read_store.replaying import Worker
from infra.read_store.side import aside
from infra.read_store.verify import verify
from projections.engine import Projection
from projections.progress import progress
from projections.tasks import tasks as tasks_model
from services.cli_parts.rebuilding import line
from services.demo.generator import DemoCompany
from tests.infra.read_store.test_changed_definition import CHANGED, follow
from tests.infra.read_store.test_stages import head, standing


@pytest.fixture
def dsn(module_database: str, company: DemoCompany, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with live rows, nothing beside them, and many parts to come."""
    monkeypatch.setattr(parts, "STREAMS_A_TASK", 2)
    with connect(module_database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS progress, progress__next, progress__old, tasks, tasks__next CASCADE")
        connection.execute("DELETE FROM projections")
    for projection in (progress, tasks_model):
        follow(module_database, projection)
    return module_database


def half_done(dsn: str) -> list[parts.Task]:
    """Prepare, and do every second part; those."""
    stages.prepare(dsn, [progress])
    with aside(dsn) as connection:
        left = parts.left(connection, [progress])
        assert left
        worker = Worker(connection, [progress])
        for task in left.tasks[::2]:
            worker.work(task)
    return list(left.tasks[::2])


def folded(monkeypatch: pytest.MonkeyPatch, dsn: str, *projections: Projection) -> list[parts.Task]:
    """Replay; the tasks that were folded for it."""
    done: list[parts.Task] = []
    work = Worker.work

    def counting(worker: Worker, task: parts.Task) -> int:
        done.append(task)
        return work(worker, task)

    monkeypatch.setattr(Worker, "work", counting)
    stages.replay(dsn, projections, workers=1)
    return done


def test_a_replay_goes_on_with_what_is_not_done(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = half_done(dsn)
    with aside(dsn) as connection:
        planned = set(parts.tasks(connection, head(dsn)))
    assert set(folded(monkeypatch, dsn, progress)) == planned - set(before)
    stages.go_live(dsn, [progress], keep=False)
    assert verify(dsn, [progress], workers=1) == []


def test_one_who_is_late_with_a_part_adds_nothing(dsn: str) -> None:
    before = half_done(dsn)
    with aside(dsn) as connection:
        late = Worker(connection, [progress])
        for task in before:
            late.work(task)
    stages.replay(dsn, [progress], workers=1)
    stages.go_live(dsn, [progress], keep=False)
    assert verify(dsn, [progress], workers=1) == []


@pytest.mark.parametrize("others", [(CHANGED,), (progress, tasks_model)], ids=["another version", "others as well"])
def test_what_was_not_prepared_for_it_is_begun_anew(
    dsn: str, monkeypatch: pytest.MonkeyPatch, others: tuple[Projection, ...]
) -> None:
    before = half_done(dsn)
    assert set(before) < set(folded(monkeypatch, dsn, *others))


def test_a_whole_rebuild_and_a_comparison_begin_anew(dsn: str) -> None:
    half_done(dsn)
    told: list[int] = []
    prepare_and_replay(dsn, [progress], 1, lambda done, _: told.append(done))
    with aside(dsn) as connection:
        planned = list(parts.tasks(connection, head(dsn)))
    assert (len(told), told[-1]) == (len(planned), head(dsn))


def test_anybody_can_ask_how_far_a_replay_is(dsn: str) -> None:
    said: list[tuple[int, str]] = []

    def ask(done: int, total: int) -> None:
        one = standing(dsn)
        assert one.far
        assert done <= one.far.done <= one.far.total == total
        said.append((one.far.done, line(one, at_work=stages.under_way(dsn))))

    half_done(dsn)
    at_rest = standing(dsn)
    assert at_rest.far
    assert 0 < at_rest.far.done < at_rest.far.total
    assert "was cut short" in line(at_rest, at_work=stages.under_way(dsn))
    with alone(dsn):
        prepare_and_replay(dsn, [progress], 1, ask, resume=True)
    assert said[0][0] > at_rest.far.done
    assert all(f"is under way, {done:,} of {head(dsn):,} events" in words for done, words in said)
    assert standing(dsn).far is None
