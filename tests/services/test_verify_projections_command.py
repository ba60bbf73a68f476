"""`ashiato verify-projections`: a row that was changed behind the program's back is named, and nobody is."""

from typing import Any

import pytest
from typer.testing import CliRunner

from infra.read_store import differing
from infra.read_store.live import Live, connect
from projections.directory import directory
from projections.progress import progress
from services.cli import app
from services.demo.generator import DemoCompany
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests

MODELS = (directory, progress)
RUN = "SELECT run_id::text, done, subject FROM progress.run_progress ORDER BY run_id LIMIT 1"


@pytest.fixture
def dsn(module_database: str, company: DemoCompany) -> str:  # noqa: F811
    """A database whose read models are those of the log."""
    with connect(module_database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS progress, directory CASCADE")
        connection.execute("DELETE FROM projections WHERE name IN ('progress', 'directory')")
    with Live(module_database, MODELS) as live:
        while live.step():
            pass
    return module_database


def compared(dsn: str) -> tuple[int, list[str]]:
    argv = ["verify-projections", "directory", "progress", "--workers", "1"]
    ended = CliRunner().invoke(app, argv, env={"DATABASE_URL": dsn, "COLUMNS": "300"})
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.output.splitlines()


def changed(dsn: str, statement: str, *given: object) -> list[Any]:
    with connect(dsn) as connection:
        done = connection.execute(statement.encode(), given)
        return done.fetchall() if done.description else []


def test_the_row_the_column_and_both_values_are_named(dsn: str, company: DemoCompany) -> None:  # noqa: F811
    ((run, done, _),) = changed(dsn, RUN)
    changed(dsn, "UPDATE progress.run_progress SET done = done + 7 WHERE run_id = %s", run)
    code, said = compared(dsn)
    assert code == 1
    assert "progress.run_progress: 1 only live, 1 only rebuilt" in said
    assert f"  tenant_id {company.tenant}, run_id {run}: done live {done + 7}, rebuilt {done}" in said
    assert said[-1] == "live and rebuilt differ"


def test_a_row_that_is_gone_is_named_by_its_key(dsn: str, company: DemoCompany) -> None:  # noqa: F811
    ((run, *_),) = changed(dsn, RUN)
    changed(dsn, "DELETE FROM progress.run_progress WHERE run_id = %s", run)
    code, said = compared(dsn)
    assert code == 1
    assert f"  tenant_id {company.tenant}, run_id {run}: row live missing, rebuilt there" in said


def test_what_may_be_personal_is_not_shown_but_where_to_look(dsn: str) -> None:
    ((run, _, subject),) = changed(dsn, RUN)
    ((member, name),) = changed(dsn, "SELECT member_id::text, name FROM directory.person ORDER BY member_id LIMIT 1")
    changed(dsn, "UPDATE progress.run_progress SET subject = 'hanako' WHERE run_id = %s", run)
    changed(dsn, "UPDATE directory.person SET name = 'taro' WHERE member_id = %s", member)
    code, said = compared(dsn)
    told = "\n".join(said)
    assert code == 1
    assert f"run_id {run}: subject live {differing.NOT_SHOWN}, rebuilt {differing.NOT_SHOWN}" in told
    assert f"member_id {member}: name live {differing.NOT_SHOWN}" in told
    assert "`ashiato rebuild replay directory` leaves the rebuilt rows in the schema directory__next" in told
    assert [word for word in (subject, name, "hanako", "taro") if word in told] == []


def test_of_many_rows_the_first_are_told(dsn: str) -> None:
    changed(dsn, "UPDATE progress.run_progress SET done = done + 1")
    code, said = compared(dsn)
    assert code == 1
    assert len([line for line in said if ": done live" in line]) == differing.MOST_TOLD
    assert f"  … the first {differing.MOST_TOLD} rows by key" in said


def test_the_same_is_good_news(dsn: str) -> None:
    code, said = compared(dsn)
    assert (code, said[-1]) == (0, "live and rebuilt are the same, row by row")
