"""The projector follows the log by itself, and hands over when its leader is gone."""

from queue import Queue

import psycopg

from projections.catalogue import PROJECTIONS
from services.projector import Projector
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests

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


def test_a_projector_that_fails_again_and_again_says_so(database: str) -> None:
    projector = Projector(database.replace("ashiato_test", "no_such"), PROJECTIONS)
    assert projector.trouble is None
    projector.start()
    wait_until(lambda: projector.trouble == "failing")
    projector.stop()
