"""The projector follows the log by itself, and hands over when its leader is gone."""

from queue import Queue

import psycopg
import pytest
from structlog.testing import capture_logs

from infra.read_store.leading import lose_lead_when_silent
from infra.read_store.live import connect
from infra.read_store.standing import ask_again
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from projections.progress import progress
from services.projector import LEADER, Projector
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests
from tests.infra.read_store.poison import parked, poisoned, streams

PATIENCE = 20.0


def through(moves: "Queue[int]", position: int) -> bool:
    """Wait for a projector to report that it is through a position."""
    while moves.get(timeout=PATIENCE) < position:
        pass
    return True


def head(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT max(position) FROM events").fetchone()
    return int(row[0]) if row else 0


def test_a_second_projector_stands_by_until_the_first_is_gone(module_database: str, company: object) -> None:  # noqa: F811
    first_moves: Queue[int] = Queue()
    second_moves: Queue[int] = Queue()
    first = Projector(module_database, PROJECTIONS, first_moves.put)
    first.start()
    assert through(first_moves, head(module_database))
    second = Projector(module_database, PROJECTIONS, second_moves.put)
    second.start()
    assert second_moves.empty()
    first.stop()
    assert through(second_moves, head(module_database))
    second.stop()


def test_a_projector_whose_connections_are_cut_goes_on(module_database: str, company: object) -> None:  # noqa: F811
    moves: Queue[int] = Queue()
    projector = Projector(module_database, PROJECTIONS, moves.put)
    projector.start()
    assert through(moves, head(module_database))
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert through(moves, head(module_database))
    projector.stop()


def test_a_leader_that_is_stopped_loses_its_lead(module_database: str, company: object) -> None:  # noqa: F811
    with psycopg.connect(module_database, autocommit=True) as silent, connect(module_database) as leader:
        lose_lead_when_silent(leader, 0.5)
        leader.execute(LEADER)
        moves: Queue[int] = Queue()
        other = Projector(module_database, PROJECTIONS, moves.put)
        other.start()
        assert through(moves, head(module_database))
        other.stop()
        assert silent.execute("SELECT 1").fetchone()


def test_a_leader_shows_that_it_lives(module_database: str, company: object, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("services.projector.LOOK_EVERY", 0.1)
    moves: Queue[int] = Queue()
    projector = Projector(module_database, PROJECTIONS, moves.put, lead_seconds=0.9)
    projector.start()
    assert through(moves, head(module_database))
    looks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute("SELECT pg_sleep(2)")
        assert connection.execute(looks).fetchone() == (1,)
    projector.stop()
    assert projector.failures == 0


def test_a_stream_that_cannot_be_folded_is_an_alarm_until_an_operator_has_it_tried_again(
    module_database: str, company: object  # noqa: F811
) -> None:
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute("DELETE FROM projections")
        for projection in PROJECTIONS:
            connection.execute(f"DROP SCHEMA IF EXISTS {projection.name} CASCADE")
    one = streams(module_database, progress)[0]
    moves: Queue[int] = Queue()
    projector = Projector(module_database, PROJECTIONS, moves.put)
    with capture_logs() as logs, poisoned(progress, {one.positions[2]}):
        projector.start()
        assert through(moves, head(module_database))
    [alarm] = [line for line in logs if line["event"].startswith("stream parked")]
    assert (alarm["log_level"], alarm["projection"], alarm["stream"]) == ("error", "progress", one.id)
    with connect(module_database) as connection:
        assert ask_again(connection, stream=one.id) == 1
    wait_until(lambda: parked(module_database, progress) == [])
    projector.stop()
    assert verify(module_database, [progress], workers=1) == []


def test_a_projector_that_fails_again_and_again_says_so(database: str) -> None:
    projector = Projector(database.replace("ashiato_test", "no_such"), PROJECTIONS)
    assert projector.trouble is None
    projector.start()
    wait_until(lambda: projector.trouble == "failing")
    projector.stop()
