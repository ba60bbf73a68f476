"""Migrations are applied once, in order, as a whole, and never behind a changed or unknown past."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from infra.migrations import LOCK_KEY, RELEASED, MigrationError, migrate, read_migrations

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write migrations by name into one folder."""

    def files(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name.removeprefix('m')}.sql").write_text(text)
        return tmp_path

    return files


def rows(dsn: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(question.encode()).fetchall()


def test_files_are_applied_in_order(empty_database: str, write: Write) -> None:
    folder = write(m0002_fill="INSERT INTO a VALUES (1)", m0001_make="CREATE TABLE a (n int)")
    assert migrate(empty_database, folder) == ["0001_make", "0002_fill"]
    assert rows(empty_database, "SELECT n FROM a") == [(1,)]


def test_a_second_run_applies_nothing(empty_database: str, write: Write) -> None:
    folder = write(m0001_make="CREATE TABLE a (n int)")
    migrate(empty_database, folder)
    assert migrate(empty_database, folder) == []


def test_a_new_file_is_applied_alone(empty_database: str, write: Write) -> None:
    migrate(empty_database, write(m0001_make="CREATE TABLE a (n int)"))
    assert migrate(empty_database, write(m0002_more="CREATE TABLE b (n int)")) == ["0002_more"]


def test_a_file_that_fails_leaves_nothing_of_itself(empty_database: str, write: Write) -> None:
    folder = write(m0001_make="CREATE TABLE a (n int)", m0002_bad="CREATE TABLE b (n int); SELECT 1/0")
    with pytest.raises(MigrationError, match="expected 0002_bad to apply, but: division by zero"):
        migrate(empty_database, folder)
    assert rows(empty_database, "SELECT to_regclass('a')::text, to_regclass('b')::text") == [("a", None)]
    assert rows(empty_database, "SELECT name FROM schema_migrations") == [("make",)]


def test_a_changed_released_file_is_refused(empty_database: str, write: Write) -> None:
    migrate(empty_database, write(m0001_make="CREATE TABLE a (n int)"))
    with pytest.raises(MigrationError, match="0001_make as it was applied, but the file has changed"):
        migrate(empty_database, write(m0001_make="CREATE TABLE a (n bigint)"))


def test_a_database_of_a_newer_program_is_refused(empty_database: str, write: Write) -> None:
    migrate(empty_database, write(m0001_make="SELECT 1", m0002_later="SELECT 2"))
    (write() / "0002_later.sql").unlink()
    with pytest.raises(MigrationError, match="it has 0002_later, which this program does not know"):
        migrate(empty_database, write())


def test_a_file_may_not_end_its_transaction(empty_database: str, write: Write) -> None:
    with pytest.raises(MigrationError, match="to leave its transaction open, but it ended it"):
        migrate(empty_database, write(m0001_commits="COMMIT"))


def test_a_gap_in_the_numbers_is_refused(write: Write) -> None:
    with pytest.raises(MigrationError, match="expected migration 0002 next, but found 0003_c"):
        read_migrations(write(m0001_a="", m0003_c=""))


def test_a_number_used_twice_is_refused(write: Write) -> None:
    with pytest.raises(MigrationError, match="expected migration 0002 next, but found 0001_"):
        read_migrations(write(m0001_a="", m0001_b=""))


def test_a_file_without_a_number_is_refused(write: Write) -> None:
    with pytest.raises(MigrationError, match=r"expected a name like 0001_log.sql, but found quick-fix\.sql"):
        read_migrations(write(**{"quick-fix": ""}))


def test_processes_that_start_at_once_apply_each_file_once(empty_database: str, write: Write) -> None:
    folder = write(m0001_make="CREATE TABLE a (n int)", m0002_fill="INSERT INTO a VALUES (1)")
    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(lambda _: migrate(empty_database, folder), range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, 2]
    assert rows(empty_database, "SELECT n FROM a") == [(1,)]


def test_a_migration_that_cannot_have_its_lock_gives_up(empty_database: str, write: Write) -> None:
    migrate(empty_database, write(m0001_make="CREATE TABLE a (n int)"))
    folder = write(m0002_alter="SET LOCAL lock_timeout = '50ms'; ALTER TABLE a ADD m int")
    with psycopg.connect(empty_database) as busy:
        busy.execute("SELECT * FROM a")
        with pytest.raises(MigrationError, match="lock timeout"):
            migrate(empty_database, folder)


def test_locks_and_statements_have_a_limit_during_a_migration(empty_database: str, write: Write) -> None:
    shown = "current_setting('lock_timeout') AS locks, current_setting('statement_timeout') AS statements"
    migrate(empty_database, write(m0001_look=f"CREATE TABLE seen AS SELECT {shown}"))
    assert rows(empty_database, "SELECT * FROM seen") == [("5s", "10min")]


def test_a_given_connection_is_left_as_it_was(empty_database: str, write: Write) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        migrate(connection, write(m0001_make="CREATE TABLE a (n int)"))
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)
        held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
        assert connection.execute(held, [LOCK_KEY]).fetchall() == []


def test_a_connection_inside_transactions_is_refused(empty_database: str, write: Write) -> None:
    with (
        psycopg.connect(empty_database) as connection,
        pytest.raises(MigrationError, match="expected a connection in autocommit mode"),
    ):
        migrate(connection, write())


def test_the_released_migrations_apply_to_an_empty_database(empty_database: str) -> None:
    titles = [migration.title for migration in read_migrations(RELEASED)]
    assert migrate(empty_database) == titles
