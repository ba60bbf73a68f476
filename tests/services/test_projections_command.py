"""`ashiato projections`: what an operator sees of a stream that waits, and what comes of trying it again."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from infra.read_store.live import connect
from projections.catalogue import PROJECTIONS
from projections.progress import progress
from services.cli import app
from services.projector import Projector
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests
from tests.infra.read_store.poison import SECRET, Stream, follow, parked, poisoned, streams


@pytest.fixture
def waits(module_database: str, company: object) -> Iterator[Stream]:  # noqa: F811
    """A stream that is parked, while no projector runs."""
    one = streams(module_database, progress)[0]
    with poisoned(progress, {one.positions[2]}):
        follow(module_database, *PROJECTIONS)
    yield one
    with connect(module_database) as connection:
        connection.execute("DELETE FROM parked_streams")
        connection.execute("DELETE FROM projections")
        for projection in PROJECTIONS:
            connection.execute(f"DROP SCHEMA IF EXISTS {projection.name} CASCADE")


def ashiato(dsn: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["projections", *words], env={"DATABASE_URL": dsn})


def test_it_names_the_stream_and_the_place_of_the_error_and_no_words(module_database: str, waits: Stream) -> None:
    said = ashiato(module_database)
    assert said.exit_code == 1
    assert f"PARKED progress  tenant {waits.tenant}  stream {waits.id}  from its event 3" in said.output
    assert "ValueError at poison.py:" in said.output
    assert SECRET not in said.output
    assert "trail  0 behind at " in said.output


def test_without_a_leader_a_retry_is_kept_for_the_next(
    module_database: str, waits: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli_parts.projections.PATIENCE", 0.3)
    said = ashiato(module_database, "retry", "--stream", waits.id)
    assert said.exit_code == 1
    assert "1 of 1 were not tried yet: no projector leads" in said.output
    assert len(parked(module_database, progress)) == 1


def test_a_leader_tries_what_it_is_asked_for(module_database: str, waits: Stream) -> None:
    projector = Projector(module_database, PROJECTIONS)
    with poisoned(progress, {waits.positions[2]}):
        projector.start()
        wait_until(lambda: [again.tries for again in parked(module_database, progress)] == [2])
        said = ashiato(module_database, "retry", "--projection", "progress", "--tenant", waits.tenant)
        assert (said.exit_code, said.stdout) == (1, "tried 1 of the parked streams; 1 wait\n")
    said = ashiato(module_database, "retry")
    projector.stop()
    assert (said.exit_code, said.stdout) == (0, "tried 1 of the parked streams; 0 wait\n")
    assert ashiato(module_database, "retry").stdout == "no such stream waits\n"


def test_an_id_that_is_none_is_said_so(module_database: str, waits: Stream) -> None:
    said = ashiato(module_database, "retry", "--stream", "everything")
    assert said.exit_code == 2
    assert "expected an id" in said.output
