"""What an operator can put right is said in one sentence, with exit status 2 and without a traceback."""

import socket
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import urlsplit

import psycopg
import pytest

from infra.embedded_postgres import EmbeddedPostgres
from infra.read_store.rebuild import RebuildUnderWay
from services.mishaps import sentence
from tests.services.commanding import ashiato, data_folder

PASSWORD = "pass-of-the-database"


@pytest.fixture
def folder() -> Iterator[Path]:
    with data_folder() as made:
        yield made


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


def told(ended: CompletedProcess[str]) -> str:
    """The one line that it said."""
    said = ended.stderr.strip()
    assert (ended.returncode, "\n" in said) == (2, False), ended.stdout + ended.stderr
    return said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("command", ["serve", "run"])
def test_a_port_that_is_taken(folder: Path, taken: str, command: str) -> None:
    said = told(ashiato(command, ASHIATO_DATA_DIR=str(folder), ASHIATO_PORT=taken))
    assert said.startswith(f"expected to listen on 127.0.0.1:{taken}, but another program does")
    assert list(folder.iterdir()) == []


def test_an_address_that_is_not_ours(folder: Path) -> None:
    said = told(ashiato("serve", ASHIATO_DATA_DIR=str(folder), ASHIATO_HOST="192.0.2.1"))
    assert said.startswith("expected to listen on 192.0.2.1:8000, but this machine has no such address")


def test_a_database_that_does_not_listen() -> None:
    url = f"postgresql://someone:{PASSWORD}@127.0.0.1:{free_port()}/postgres"
    said = told(ashiato("doctor", DATABASE_URL=url))
    assert said.startswith("expected to connect to the database at 127.0.0.1:")
    assert said.endswith("(DATABASE_URL), but nothing listens there")
    assert PASSWORD not in said


def test_a_database_that_refuses_the_password(postgres_server: str) -> None:
    at = urlsplit(postgres_server)
    url = f"postgresql://{at.username}:{PASSWORD}@{at.hostname}:{at.port}/postgres"
    said = told(ashiato("migrate", DATABASE_URL=url))
    assert said.endswith("but it refused the user or the password")
    assert PASSWORD not in said


def test_a_database_that_is_not_there(postgres_server: str) -> None:
    said = told(ashiato("link", DATABASE_URL=urlsplit(postgres_server)._replace(path="/none").geturl()))
    assert said.endswith("but it does not know that user or database")


def test_a_url_that_cannot_be_read() -> None:
    said = told(ashiato("doctor", DATABASE_URL=f"postgresql://u:{PASSWORD}@[::1/x"))
    assert said == "expected DATABASE_URL to be a URL of PostgreSQL, but it cannot be read"


def test_a_data_folder_that_is_a_file(folder: Path) -> None:
    (folder / "data").touch()
    said = told(ashiato("doctor", ASHIATO_DATA_DIR=str(folder / "data")))
    assert said == f"expected a folder for data at {folder}/data/postgres, but {folder}/data is a file"


def test_a_folder_that_another_program_keeps(folder: Path) -> None:
    with EmbeddedPostgres.start(folder / "postgres", durable=False):
        said = told(ashiato("serve", ASHIATO_DATA_DIR=str(folder), ASHIATO_PORT="0"))
    assert "to be free, but process" in said


def test_a_demo_on_a_log_that_has_events(database: str, folder: Path) -> None:
    given = {"DATABASE_URL": database, "ASHIATO_DATA_DIR": str(folder)}
    first = ashiato("demo", "--events", "50", **given)
    assert (first.returncode, (folder / "demo.json").stat().st_mode & 0o077) == (0, 0)
    assert told(ashiato("demo", **given)).startswith("expected an empty log to live a demo in, but it holds")


def test_a_link_for_nobody(database: str) -> None:
    assert told(ashiato("link", DATABASE_URL=database)).startswith("expected an active member to make a link for")


@pytest.mark.parametrize(("reason", "saying"), [("未入金", "none of that id or name"), (" ", "'reason'")])
def test_a_lapse_of_nothing_or_without_a_reason(database: str, reason: str, saying: str) -> None:
    assert saying in told(ashiato("plan", "lapse", "どこにもない", "--reason", reason, DATABASE_URL=database))


def test_what_the_database_says_is_not_repeated() -> None:
    said = sentence(psycopg.errors.UniqueViolation("Key (name)=(佐藤) already exists."))
    assert said is not None
    assert said.endswith("but it refused: UniqueViolation (SQLSTATE 23505)")


def test_a_second_rebuild_at_a_time() -> None:
    assert sentence(RebuildUnderWay("expected to be the only rebuild")) == "expected to be the only rebuild"


def test_what_nobody_foresaw_is_no_mishap() -> None:
    assert sentence(ValueError("x")) is None
