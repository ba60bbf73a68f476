"""Rows in the binary form that COPY takes.

Layout: a signature, flags and an empty extension; for each row the number of its columns, then each field with its
length in front; -1 at the end (PostgreSQL's manual, COPY, "Binary Format").

A replay makes more of these fields than of anything else, so the code that makes a table's is written out for its
columns, as dataclasses do with their methods: three quarters of the time of going over columns in a loop.
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

import msgspec

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

BEGINNING = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

_COUNT = Struct("!h").pack
_JSONB = Struct("!ib").pack
_json = msgspec.json.Encoder().encode

Field = Callable[[Any], bytes]
"""A value's bytes, their length in front."""


class _Fields(dict[Any, bytes]):
    """The fields of one type, each made once: most values stand in many rows, and in several tables."""

    def __init__(self, make: Field) -> None:
        super().__init__({None: NULL})
        self._make = make

    def __missing__(self, value: Any) -> bytes:
        field = self[value] = self._make(value)
        return field


Made = dict[int, _Fields]
"""What was made of values before, by the types' numbers."""

Encoder = Callable[[Sequence[Row], Made], bytes]
"""Makes rows into what stands between `BEGINNING` and `END`."""

CODE = """
def encoder(rows, made):
    fields = []
    {finding}
    for row in rows:
        fields += (COUNT, {fields})
    return b"".join(fields)
"""


@tables.once
def encoder(table: type[Row], types: tuple[int, ...]) -> Encoder:
    """For rows of a table of which the columns have these types.

    Raises ValueError where there are not as many, KeyError at a type that has no form here.
    """
    columns = list(zip(tables.columns(table), types, strict=True))
    plain = sorted({*types} - {*LISTS})
    known: dict[str, Any] = {"COUNT": _COUNT(len(columns)), "of": _of, "NULL": NULL}
    known |= {f"make_{kind}": LISTS[kind] for kind in types if kind in LISTS}
    known |= {f"form_{kind}": FIELDS[kind] for kind in plain}
    code = CODE.format(
        finding="; ".join(f"of_{kind} = of(made, {kind}, form_{kind})" for kind in plain) or "pass",
        fields=", ".join(_field(name, kind) for name, kind in columns),
    )
    exec(code, known)  # noqa: S102  # names of our own classes, and numbers
    made: Encoder = known["encoder"]
    return made


def _field(name: str, kind: int) -> str:
    if kind in LISTS:
        return f"NULL if row.{name} is None else make_{kind}(row.{name})"
    return f"of_{kind}[row.{name}]"


def _of(made: Made, kind: int, form: Field) -> _Fields:
    if kind not in made:
        made[kind] = _Fields(form)
    return made[kind]


def _jsonb(value: Any) -> bytes:
    """The text of the JSON after the number of the form, which is 1."""
    text = _json(value)
    return _JSONB(len(text) + 1, 1) + text


def _uuids(value: Sequence[str]) -> bytes:
    return of_bytes(Uuids(value).data)


def _texts(value: Sequence[str]) -> bytes:
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
