"""The log says what happened and where, and holds neither personal data nor passwords, whatever fails."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import structlog

from projections.catalogue import PROJECTIONS
from services import logs
from services.database import prepare
from services.projector import Projector
from tests.infra.embedded_postgres.servers import wait_until

SECRET = "秘密の佐藤花子"
PASSWORD = "pass-of-the-database"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Logs as the program does, as JSON; what was logged so far."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, warnings.showwarning
    logs.configure("json", "info")
    said: list[str] = []

    def so_far() -> list[dict[str, Any]]:
        said.extend(capsys.readouterr().err.splitlines())
        return [json.loads(line) for line in said]

    yield so_far
    structlog.reset_defaults()
    root.handlers[:] = handlers
    sys.excepthook, threading.excepthook, warnings.showwarning = hooks
    root.setLevel(level)


def test_an_event_that_cannot_be_folded_is_logged_without_its_content(database: str, lines: Lines) -> None:
    prepare(database)
    body = json.dumps({"type": "run.started", "subject": SECRET, "data": {"subject": SECRET}})
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO events VALUES (1, gen_random_uuid(), 1, gen_random_uuid(), 1, 'run.started', now(), %s, '')",
            (body.encode(),),
        )
    projector = Projector(database, PROJECTIONS)
    projector.start()
    wait_until(lambda: bool(lines()))
    projector.stop()
    [parked, *_] = lines()
    assert parked["event"].startswith("stream parked")
    assert parked["problem"].startswith("ValidationError at codec.py:")
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_a_lost_database_is_logged_without_its_password(postgres_server: str, lines: Lines) -> None:
    server = urlsplit(postgres_server)
    projector = Projector(f"postgresql://{SECRET}:{PASSWORD}@{server.hostname}:{server.port}/none", PROJECTIONS)
    projector.start()
    wait_until(lambda: projector.failures > 0)
    projector.stop()
    [failed, *_] = lines()
    assert (failed["level"], failed["error"]) == ("error", "OperationalError")
    assert not {PASSWORD, SECRET} & set(json.dumps(lines(), ensure_ascii=False).replace('"', " ").split())
    assert PASSWORD not in json.dumps(lines())


def test_an_error_of_the_database_is_logged_as_its_state_alone(database: str, lines: Lines) -> None:
    with psycopg.connect(database) as connection:
        try:
            connection.execute("SELECT %s::text::int", (SECRET,))
        except psycopg.Error:
            structlog.get_logger().exception("failed")
    assert lines()[0]["sqlstate"] == "22P02"
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_what_libraries_log_comes_the_same_way_without_values(lines: Lines) -> None:
    library = logging.getLogger("library")
    library.info("it sent %s", SECRET)
    library.warning("error %d at %s: %s", 5, SECRET, psycopg.OperationalError(SECRET))
    library.error(f"Exception in callback <{SECRET}>\n{SECRET}", exc_info=ValueError(SECRET))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(SECRET, stacklevel=1)
    assert [(line["event"], line.get("error")) for line in lines()] == [
        ("error 5 at …: OperationalError", None),
        ("Exception in callback", "ValueError"),
        ("warned", None),
    ]
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_what_nobody_caught_in_a_thread_is_logged_without_values(lines: Lines) -> None:
    def fails(secret: str) -> None:
        raise ValueError(secret)

    thread = threading.Thread(target=fails, args=(SECRET,))
    thread.start()
    thread.join()
    assert [line["error"] for line in lines()] == ["ValueError"]
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_less_than_the_level_is_not_logged(lines: Lines) -> None:
    logs.configure("json", "error")
    structlog.get_logger().warning("quiet")
    structlog.get_logger().error("loud")
    assert [line["event"] for line in lines()] == ["loud"]


def test_people_get_lines_that_they_can_read(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("console", "info")
    structlog.get_logger().error("failed", exc_info=ValueError(SECRET))
    said = capsys.readouterr().err
    assert "failed" in said
    assert "error=ValueError" in said
    assert SECRET not in said
