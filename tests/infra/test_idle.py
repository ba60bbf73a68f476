"""A pool gives no connection that the server has ended while it was idle."""

import psycopg
import pytest
from psycopg import OperationalError

from infra.event_store.reader import pool
from infra.idle import check
from infra.read_store.asking import reading_pool
from infra.read_store.past import past_connections
from services.database import prepare

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


def end_the_others(dsn: str) -> None:
    """End every other session of the database, and wait until they are gone."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        own = (connection.info.backend_pid,)
        connection.execute(END_ALL, own)
        while connection.execute(OTHERS, own).fetchone() != (0,):
            pass


@pytest.mark.parametrize("made", [pool, reading_pool])
async def test_the_first_question_after_the_server_went_away_is_answered(database: str, made: type) -> None:
    prepare(database)
    async with made(database, 1) as connections:
        async with connections.connection() as connection:
            before = connection.info.backend_pid
        end_the_others(database)
        async with connections.connection() as connection:
            assert (await (await connection.execute("SELECT 1")).fetchone()) == (1,)
            assert connection.info.backend_pid != before


def test_so_is_the_first_about_the_past(database: str) -> None:
    prepare(database)
    with past_connections(database, 1) as connections:
        with connections.connection() as connection:
            connection.execute("SELECT 1")
        end_the_others(database)
        with connections.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_that_is_well_is_kept(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SELECT 1")
        check(connection)
        connection.close()
        with pytest.raises(OperationalError):
            check(connection)
