"""The doctor finds what was done to the log behind the program's back."""

import psycopg
import pytest

from services.database import prepare
from services.doctor import Finding, examine
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests


def bad(findings: list[Finding]) -> list[str]:
    """What was found wrong, but for settings: servers for tests are quick rather than durable."""
    return [f.text for f in findings if not f.well and " is off" not in f.text]


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("UPDATE events SET body = body || ' ' WHERE position = 17", "the first at position 17"),
        ("UPDATE events SET recorded_at = recorded_at - interval '1 year' WHERE position = 20", "go backwards"),
        ("DELETE FROM events WHERE position = 9", "have a gap"),
        ("DELETE FROM events WHERE position = (SELECT max(last_position) FROM commands)", "not in the log"),
    ],
)
def test_a_deed_behind_the_programs_back_is_found(
    module_database: str, company: object, deed: str, found: str  # noqa: F811
) -> None:
    prepare(module_database)
    assert bad(examine(module_database)) == []
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS TABLE events")
        connection.execute(deed)
        assert any(found in text for text in bad(examine(module_database)))
        connection.execute("TRUNCATE events")
        connection.execute("INSERT INTO events TABLE kept")
        connection.execute("DROP TABLE kept")
