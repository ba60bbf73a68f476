"""What goes by binary COPY arrives as it is, and as it would by the way that live rows go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from infra.read_store import copying, tables
from infra.read_store.binary_rows import FIELDS, LISTS, encoder
from infra.read_store.copying import Copying
from infra.read_store.live import connect
from projections.catalogue import PROJECTIONS
from projections.engine import Row

DDL = """
    DROP SCHEMA IF EXISTS copied CASCADE; DROP SCHEMA IF EXISTS inserted CASCADE;
    CREATE SCHEMA copied; CREATE SCHEMA inserted;
    CREATE TABLE copied.odd (
        tenant_id uuid NOT NULL, number int, big bigint, yes boolean, said text, day date, at timestamptz, noted jsonb,
        id uuid, ids uuid[], words text[], PRIMARY KEY (tenant_id));
    CREATE TABLE inserted.odd (LIKE copied.odd INCLUDING ALL);
"""


@dataclass(slots=True)
class Odd(Row):
    table: ClassVar[str] = "odd"
    scope: ClassVar[str] = "tenant_id"
    tenant_id: str
    number: int | None = None
    big: int | None = None
    yes: bool | None = None
    said: str | None = None
    day: date | None = None
    at: datetime | None = None
    noted: Any = None
    id: str | None = None
    ids: list[str] | None = None
    words: list[str] | None = None


# PostgreSQL's text holds any character but NUL, UTF-8 any but half a one.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
JSON = st.recursive(
    TEXT | st.none() | st.booleans() | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)
ODD = st.builds(
    Odd,
    st.uuids().map(str),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.booleans(),
    st.none() | TEXT,
    st.none() | st.dates(),
    st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # the zone is beside them
    st.none() | JSON,
    st.none() | st.uuids().map(str),
    st.none() | st.lists(st.uuids().map(str), max_size=3),
    st.none() | st.lists(TEXT, max_size=3),
)


@pytest.fixture
def connection(module_database: str) -> Iterator[Connection[Any]]:
    with connect(module_database) as connection:
        connection.execute(DDL)
        yield connection


def copied(connection: Connection[Any], *rows: Odd) -> list[Odd]:
    connection.execute("TRUNCATE copied.odd, inserted.odd")
    Copying(connection)("copied", Odd, rows)
    found = connection.execute(
        "SELECT tenant_id::text, number, big, yes, said, day, at, noted, id::text, ids::text[], words"
        " FROM copied.odd ORDER BY ctid"
    )
    return [Odd(*row) for row in found]


@given(st.lists(ODD, max_size=8, unique_by=lambda odd: odd.tenant_id))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_arrive_as_they_are_and_as_live_rows_do(connection: Connection[Any], rows: list[Odd]) -> None:
    assert copied(connection, *rows) == rows
    connection.execute(tables.upsert_sql("inserted", Odd), (tables.to_json(rows),))
    assert connection.execute("TABLE copied.odd EXCEPT ALL TABLE inserted.odd").fetchall() == []


@pytest.mark.parametrize(
    "said", ["", "\t", "\n", "\r\n", "\\", "\\N", "\\.", '"', "null", "足跡", "👣", "a\tb\\nc\nd", "\x01\x7f"]
)
def test_text_that_means_something_to_copy_is_only_text(connection: Connection[Any], said: str) -> None:
    tenant = "0192f0c1-2d3e-7f45-8a6b-9c0d1e2f3a4b"
    odd = Odd(tenant, said=said, noted={said: [said, None]})
    assert copied(connection, odd) == [odd]


def test_nothing_is_null_and_not_nothing(connection: Connection[Any]) -> None:
    nothing = Odd("0192f0c1-2d3e-7f45-8a6b-9c0d1e2f3a4b")
    least = Odd("0192f0c1-2d3e-7f45-8a6b-9c0d1e2f3a4c", 0, 0, False, "", date(2000, 1, 1), noted={})
    assert copied(connection, nothing, least) == [nothing, least]


def test_an_instant_is_the_same_in_any_zone(connection: Connection[Any]) -> None:
    tokyo = datetime(1999, 12, 31, 23, 59, 59, 999_999, timezone(timedelta(hours=9)))
    (found,) = copied(connection, Odd("0192f0c1-2d3e-7f45-8a6b-9c0d1e2f3a4b", at=tokyo))
    assert found.at == tokyo


def test_no_rows_are_no_trouble(connection: Connection[Any]) -> None:
    assert copied(connection) == []


@pytest.mark.parametrize("said", ["\0", "a\0b"])
def test_a_character_that_postgresql_cannot_hold_is_refused(connection: Connection[Any], said: str) -> None:
    with pytest.raises(psycopg.DataError):
        copied(connection, Odd("0192f0c1-2d3e-7f45-8a6b-9c0d1e2f3a4b", said=said))


def test_rows_encoded_in_pieces_are_copied_together(
    connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "MOST_MADE", 0)  # so that what was made for one piece is gone at the next
    copy, tenants = Copying(connection), [f"0192f0c1-2d3e-7f45-8a6b-9c0d1e2f3a{n:02x}" for n in range(4)]
    pieces = [
        copy.encoded("copied", Odd, [Odd(one, n, said="同じ") for n, one in enumerate(some)])
        for some in (tenants[:3], tenants[3:], [])
    ]
    connection.execute("TRUNCATE copied.odd")
    copy.send("copied", Odd, pieces)
    found = connection.execute("SELECT tenant_id::text, number, said FROM copied.odd ORDER BY ctid").fetchall()
    assert found == [(one, n % 3, "同じ") for n, one in enumerate(tenants)]


def test_a_type_that_has_no_form_is_refused_before_there_are_rows() -> None:
    money = 790
    with pytest.raises(KeyError, match="790"):
        encoder(Odd, (2950, *(money,) * 10))


def test_a_row_class_with_another_number_of_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        encoder(Odd, (2950,))


def test_every_column_of_every_projection_has_a_form(connection: Connection[Any]) -> None:
    for projection in PROJECTIONS:
        with connection.transaction(force_rollback=True):
            for statement in tables.create(projection, "forms"):
                connection.execute(statement)
            for table in projection.tables:
                assert {*Copying(connection)._types_of(f"forms.{table.table}")} <= {*FIELDS, *LISTS}
