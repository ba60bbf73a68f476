"""Tables that are filled aside get back every key and index, and the planner learns what they hold."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import UniqueViolation

from infra.read_store.live import connect, create
from infra.read_store.side import aside, take_indexes
from projections.catalogue import PROJECTIONS

NAMES = [projection.name for projection in PROJECTIONS]
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = ANY (%s) ORDER BY 1"
KEYS = """
    SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace::regnamespace::text = ANY (%s) ORDER BY 1, 2
"""


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with connect(database) as connection:
        with connection.transaction():
            for projection in PROJECTIONS:
                create(connection, projection, projection.name)
        yield connection


def found(connection: Connection[Any], query: str) -> list[Any]:
    return connection.execute(query, (NAMES,)).fetchall()


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_every_key_and_index_comes_back_as_it_was(database: str, connection: Connection[Any], at_once: int) -> None:
    before = found(connection, INDEXES), found(connection, KEYS)
    indexes = take_indexes(connection, NAMES)
    assert found(connection, INDEXES) == []
    indexes.put_back(database, at_once)
    assert (found(connection, INDEXES), found(connection, KEYS)) == before


def test_the_planner_learns_of_every_column_but_json(database: str, connection: Connection[Any]) -> None:
    indexes = take_indexes(connection, NAMES)
    connection.execute("INSERT INTO directory.company VALUES (gen_random_uuid(), 'Aoba', 'Asia/Tokyo')")
    connection.execute(
        "INSERT INTO tasks.task_run VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', '', '', "
        "false, '2026-10-01', '{}')"
    )
    indexes.put_back(database, 2)
    known = found(connection, "SELECT tablename, attname FROM pg_stats WHERE schemaname = ANY (%s)")
    assert {("company", "name"), ("company", "tenant_id"), ("task_run", "confidential")} <= set(known)
    assert ("task_run", "steps") not in known


def test_rows_that_a_key_does_not_allow_are_an_error(database: str, connection: Connection[Any]) -> None:
    indexes = take_indexes(connection, NAMES)
    connection.execute(
        "INSERT INTO directory.company SELECT id, 'Aoba', 'Asia/Tokyo' FROM gen_random_uuid() id, generate_series(1, 2)"
    )
    with pytest.raises(UniqueViolation):
        indexes.put_back(database, 2)


def test_only_connections_for_tables_aside_do_without_the_disk(database: str) -> None:
    asked = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'off'"
    with aside(database) as beside, connect(database) as live:
        assert beside.execute(asked).fetchall() == [("session",)]
        assert live.execute(asked).fetchall() != [("session",)]
