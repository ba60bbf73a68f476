"""How live rows and rebuilt ones differ: by key and column, the first few, and nothing that may be personal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from domain.events import EVENT_TYPES
from domain.personal import personal_fields
from infra.read_store import tables
from infra.read_store.copying import TYPES
from projections.engine import Projection, Row

MOST_TOLD = 10
"""Rows of one table."""

COUNTS = """
    SELECT (SELECT count(*) FROM (TABLE {live} EXCEPT ALL TABLE {rebuilt}) a),
           (SELECT count(*) FROM (TABLE {rebuilt} EXCEPT ALL TABLE {live}) b)
"""
FIRST = """
    SELECT to_jsonb(l), to_jsonb(r)
    FROM (TABLE {live} EXCEPT ALL TABLE {rebuilt}) l FULL JOIN (TABLE {rebuilt} EXCEPT ALL TABLE {live}) r ON {same}
    ORDER BY {key} LIMIT %s
"""
IMPERSONAL = frozenset({16, 20, 23, 1082, 1184, 1700, 2950, 2951})
"""Types of columns, by their numbers in PostgreSQL: truth, whole and exact numbers, dates, instants, ids."""
TEXT = 25
A_CODE = re.compile(r"[a-z0-9_.-]{1,40}")
"""A status, a step, a kind: what our own program calls things."""
PERSONAL = frozenset({"reason"}.union(*(personal_fields(kind) for kind in EVENT_TYPES.values())))
"""Names of columns that hold what people wrote, or what is sealed in the log."""
NOT_SHOWN = "(not shown: it may be personal)"
NULL = "null"


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of one row, or all of a row that only one side has: then `column` is None. Values as they are told."""

    key: str
    column: str | None
    live: str
    rebuilt: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that the live side has and the rebuilt has not, or the other way round; the first of them."""

    table: str
    only_live: int
    only_rebuilt: int
    first: tuple[Cell, ...] = ()


def differences(connection: Connection[Any], projection: Projection, beside: str) -> list[Difference]:
    """Compare a projection's tables with those of another schema, row by row."""
    found = []
    for table in projection.tables:
        names = {"live": f"{projection.name}.{table.table}", "rebuilt": f"{beside}.{table.table}"}
        row = connection.execute(COUNTS.format(**names).encode()).fetchone()
        if row and any(row):
            only_live, only_rebuilt = row
            first = tuple(_first(connection, table, names))
            found.append(Difference(names["live"], only_live, only_rebuilt, first))
    return found


def _first(connection: Connection[Any], table: type[Row], names: Mapping[str, str]) -> Iterator[Cell]:
    key = tables.primary_key(table)
    same = " AND ".join(f"l.{name} = r.{name}" for name in key)
    order = ", ".join(f"coalesce(l.{name}, r.{name})" for name in key)
    types = connection.execute(TYPES, (names["live"],)).fetchall()
    kinds = {name: kind for name, (kind,) in zip(tables.columns(table), types, strict=True)}
    sql = FIRST.format(**names, same=same, key=order).encode()
    told = _Telling(table, kinds, key)
    for live, rebuilt in connection.execute(sql, (MOST_TOLD,)).fetchall():
        yield from told.cells(live, rebuilt)


class _Telling:
    """What may be told of a table's rows."""

    def __init__(self, table: type[Row], kinds: Mapping[str, int], key: Sequence[str]) -> None:
        self._kinds = kinds
        self._personal = PERSONAL.union(table.personal)
        self._key = key

    def cells(self, live: dict[str, Any] | None, rebuilt: dict[str, Any] | None) -> Iterator[Cell]:
        """Where two rows of one key differ."""
        if live is None or rebuilt is None:
            there = live or rebuilt or {}
            yield Cell(self._named(there), None, "there" if live else "missing", "there" if rebuilt else "missing")
            return
        for column in self._kinds:
            if live[column] != rebuilt[column]:
                yield Cell(
                    self._named(live), column, self._shown(column, live[column]), self._shown(column, rebuilt[column])
                )

    def _named(self, row: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} {self._shown(name, row[name])}" for name in self._key)

    def _shown(self, column: str, value: Any) -> str:
        if value is None:
            return NULL
        kind = self._kinds[column]
        if kind in IMPERSONAL:
            return str(value)
        if kind == TEXT and column not in self._personal and A_CODE.fullmatch(value):
            return str(value)
        return NOT_SHOWN
