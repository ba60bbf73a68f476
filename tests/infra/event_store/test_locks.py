"""One lock orders all writers, and nothing else can stop them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from infra.ids import uuid7
from tests.infra.event_store.appending import TENANT, append, log, writes

Connection = psycopg.Connection[Any]
BY_HAND = """
    INSERT INTO events SELECT coalesce(max(position), 0) + 1, %s, coalesce(max(tenant_seq), 0) + 1, %s, 1,
                              'by.hand', now(), '{}', '' FROM events
"""


@contextmanager
def meanwhile(act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """`act` in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(act)


def until_waiting(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as watcher:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not watcher.execute(waiting).fetchone():
            time.sleep(0.01)


def test_a_second_writer_waits_for_the_first(database: str) -> None:
    with psycopg.connect(database) as first, psycopg.connect(database, autocommit=True) as second:
        append(first, writes(uuid7(), count=3))
        with meanwhile(lambda: append(second, writes(uuid7()))) as later:
            until_waiting(database)
            first.commit()
        assert later.result()[0].position == 4


def test_a_writer_that_forgets_the_lock_fails_instead_of_hiding_behind_others(database: str) -> None:
    with psycopg.connect(database) as first, psycopg.connect(database) as careless:
        append(first, writes(uuid7(), count=3))
        with meanwhile(lambda: careless.execute(BY_HAND, (TENANT, uuid7()))) as later:
            until_waiting(database)
            first.commit()
        assert isinstance(later.exception(), psycopg.errors.UniqueViolation)
        assert [row.position for row in log(first)] == [1, 2, 3]


def test_a_careful_writer_that_meets_a_careless_one_fails_instead_of_leaving_a_hole(database: str) -> None:
    with psycopg.connect(database) as careless, psycopg.connect(database, autocommit=True) as careful:
        careless.execute(BY_HAND, (TENANT, uuid7()))
        with meanwhile(lambda: append(careful, writes(uuid7()))) as later:
            until_waiting(database)
            careless.commit()
        assert isinstance(later.exception(), psycopg.errors.UniqueViolation)
        assert [row.position for row in log(careful)] == [1]


@pytest.mark.parametrize(
    "mode",
    [
        pytest.param("SHARE UPDATE EXCLUSIVE", id="vacuum-analyze-create-index-concurrently"),
        pytest.param("ACCESS SHARE", id="a-long-export"),
    ],
)
def test_upkeep_does_not_stop_appends(database: str, mode: str) -> None:
    with psycopg.connect(database) as upkeep, psycopg.connect(database, autocommit=True) as writer:
        upkeep.execute(f"LOCK TABLE events, commands IN {mode} MODE")
        writer.execute("SET lock_timeout = '5s'")
        assert append(writer, writes(uuid7()))[0].verdict == "appended"


def test_appends_do_not_stop_upkeep(database: str) -> None:
    with psycopg.connect(database) as writer, psycopg.connect(database, autocommit=True) as upkeep:
        append(writer, writes(uuid7()))
        upkeep.execute("SET lock_timeout = '5s'")
        upkeep.execute("VACUUM (ANALYZE) events")


def test_the_lock_goes_with_the_transaction(database: str) -> None:
    with psycopg.connect(database) as first, psycopg.connect(database, autocommit=True) as second:
        append(first, writes(uuid7()))
        first.rollback()
        second.execute("SET lock_timeout = '5s'")
        assert append(second, writes(uuid7()))[0].position == 1
