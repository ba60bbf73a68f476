"""Rows by COPY in its binary form: nothing is written out as text here and parsed again there.

Layout: a signature, flags and an empty extension; for each row the number of its columns, then each field with its
length in front; -1 at the end (PostgreSQL's manual, COPY, "Binary Format").
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from operator import attrgetter
from struct import Struct
from typing import Any

import msgspec
from psycopg import Connection

from infra.event_store.arrays import Texts, Uuids
from infra.event_store.binary import (
    NULL,
    of_boolean,
    of_bytes,
    of_date,
    of_instant,
    of_int4,
    of_int8,
    of_text,
    of_uuid,
)
from infra.read_store import tables
from projections.engine import Row

TYPES = """
    SELECT atttypid::int FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
BEGINNING = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

_COUNT = Struct("!h").pack
_json = msgspec.json.Encoder().encode

MOST_MADE = 50_000
"""Fields kept for the tables to come."""

Field = Callable[[Any], bytes]
"""A value's bytes, their length in front."""


class Copying:
    """Adds rows that are not there yet, over one connection; asks once what types a table's columns have.

    `staged` goes through a temporary table: COPY does not work under row-level security.
    """

    def __init__(self, connection: Connection[Any], *, staged: bool = False) -> None:
        self._connection = connection
        self._staged: set[str] | None = set() if staged else None
        self._types: dict[str, list[int]] = {}
        self._made: Made = {}

    def __call__(self, schema: str, table: type[Row], rows: Sequence[Row]) -> None:
        """Add rows to a table in a schema."""
        if sum(map(len, self._made.values())) > MOST_MADE:
            self._made.clear()
        data = binary(self._types_of(f"{schema}.{table.table}"), table, rows, self._made)
        with self._connection.cursor() as cursor:
            target = self._stage(schema, table) if self._staged is not None else f"{schema}.{table.table}"
            with cursor.copy(tables.copy_sql(target, table)) as copy:
                copy.write(data)
            if self._staged is not None:
                cursor.execute(tables.unstage_sql(schema, table), prepare=True)

    def begin_again(self) -> None:
        """Something was rolled back, or is to be copied twice in one transaction: stages are made and emptied anew."""
        if self._staged is not None:
            self._staged.clear()

    def _stage(self, schema: str, table: type[Row]) -> str:
        """A temporary table of the same columns, emptied by every commit."""
        name = f"{schema}.{table.table}"
        if self._staged is not None and name not in self._staged:
            self._connection.execute(tables.stage_sql(schema, table))
            self._connection.execute(tables.empty_sql(table))
            self._staged.add(name)
        return tables.stage(table)

    def _types_of(self, name: str) -> list[int]:
        types = self._types.get(name)
        if types is None:
            found = self._connection.execute(TYPES, (name,)).fetchall()
            types = self._types[name] = [kind for (kind,) in found]
        return types


def binary(types: Sequence[int], table: type[Row], rows: Sequence[Row], made: "Made") -> bytes:
    """Rows as COPY takes them, given the types of the columns and what was made of values before."""
    columns = [
        _column(made, kind, map(attrgetter(name), rows))
        for name, kind in zip(tables.columns(table), types, strict=True)
    ]
    rows_of_fields = zip(repeat(_COUNT(len(columns))), *columns, strict=False)  # all columns are of these rows
    return b"".join((BEGINNING, *chain.from_iterable(rows_of_fields), END))


def _column(made: "Made", kind: int, values: Iterator[Any]) -> Iterator[bytes]:
    if kind in LISTS:
        return map(LISTS[kind], values)
    if kind not in made:
        made[kind] = _Fields(FIELDS[kind])
    return map(made[kind].__getitem__, values)


class _Fields(dict[Any, bytes]):
    """The fields of one type, each made once: most values stand in many rows, and in several tables."""

    def __init__(self, make: Field) -> None:
        super().__init__({None: NULL})
        self._make = make

    def __missing__(self, value: Any) -> bytes:
        field = self[value] = self._make(value)
        return field


Made = dict[int, _Fields]
"""By the types' numbers."""


def _jsonb(value: Any) -> bytes:
    """The text of the JSON after the number of the form, which is 1."""
    if value is None:
        return NULL
    return of_bytes(b"\x01" + _json(value))


def _uuids(value: Sequence[str] | None) -> bytes:
    if value is None:
        return NULL
    return of_bytes(Uuids(value).data)


def _texts(value: Sequence[str] | None) -> bytes:
    if value is None:
        return NULL
    return of_bytes(Texts(value).data)


LISTS: dict[int, Field] = {1009: _texts, 2951: _uuids, 3802: _jsonb}
"""What can hold many values, and so is no key that a field could be found by."""
FIELDS: dict[int, Field] = {
    16: of_boolean,
    20: of_int8,
    23: of_int4,
    25: of_text,
    1082: of_date,
    1184: of_instant,
    2950: of_uuid,
}
"""By the types' numbers in PostgreSQL's catalogue, which never change."""
