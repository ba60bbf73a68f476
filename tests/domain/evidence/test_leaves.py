"""A leaf is canonical JSON (RFC 8785), as another implementation writes it, and as the database does."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence.leaves import leaf_of

TENANT = "0198c1e5-7f40-7abc-8def-000000000001"
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

# RFC 8785, section 3.2.3: how properties are sorted; and 3.2.4's example of what is hashed.
SORTING = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\U0001f600": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
}
SORTED = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign"]
SORTED += ["Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"]
EXAMPLE = {
    "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": '\u20ac$\u000f\nA\'B"\\\\"/',
    "literals": [None, True, False],
}
EXAMPLE_BYTES = bytes.fromhex(
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333"
    "332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c7530"
    "3030665c6e4127425c225c5c5c5c5c222f227d"
)


def test_the_reference_writes_the_published_example() -> None:
    assert rfc8785.dumps(EXAMPLE) == EXAMPLE_BYTES  # type: ignore[arg-type]  # any JSON
    assert list(json.loads(rfc8785.dumps(SORTING)).values()) == SORTED


@given(st.dictionaries(st.text(), values, max_size=4), instants, st.integers(1, 2**53 - 1))
def test_a_leaf_is_canonical_whatever_the_body(body: dict[str, Any], at: datetime, seq: int) -> None:
    place = {"at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "seq": seq, "tenant": TENANT}
    expected = rfc8785.dumps({"event": body, "log": place})  # type: ignore[dict-item]  # any JSON
    assert leaf_of(rfc8785.dumps(body), at, seq, TENANT) == expected


def test_a_leaf_does_not_depend_on_the_time_zone() -> None:
    at = datetime(2026, 4, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert leaf_of(b"{}", at, 1, TENANT) == leaf_of(b"{}", at.astimezone(UTC), 1, TENANT)
    assert b'"at":"2026-04-01T00:00:00.000000Z"' in leaf_of(b"{}", at, 1, TENANT)


@pytest.mark.parametrize("microsecond", [0, 1, 120_000, 999_999])
def test_a_leaf_is_the_one_that_the_database_hashes(module_database: str, microsecond: int) -> None:
    at = datetime(2026, 4, 1, 23, 59, 59, microsecond, tzinfo=UTC)
    with psycopg.connect(module_database) as connection:
        row = connection.execute("SELECT log_leaf(%b, %s, 7, %s)", (b'{"a":1}', at, TENANT)).fetchone()
    assert row == (leaf_of(b'{"a":1}', at, 7, TENANT),)
