"""OCEL 2.0 as an SQLite database, with its primary and foreign keys."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from services.exports.ocel import OBJECT_TYPES, OcelEvent, OcelObject, event_types

SCHEMA = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL UNIQUE);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL UNIQUE);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY NOT NULL, ocel_type TEXT NOT NULL REFERENCES event_map_type) WITHOUT ROWID;
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type);
CREATE TABLE event_object (
    ocel_event_id TEXT NOT NULL REFERENCES event, ocel_object_id TEXT NOT NULL REFERENCES object,
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)) WITHOUT ROWID;
CREATE TABLE object_object (
    ocel_source_id TEXT NOT NULL REFERENCES object, ocel_target_id TEXT NOT NULL REFERENCES object,
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)) WITHOUT ROWID;
"""
KINDS = {"string": "TEXT", "integer": "INTEGER", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
# Nobody reads the file before it is whole; a crash leaves a part that is thrown away.
QUICKLY = "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -6144; "
AT_ONCE = 50
"""Rows of a statement: each statement costs as much as half a row."""


class OcelSqlite:
    """Writes events and objects in any order; `close` it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(QUICKLY + SCHEMA)
        self._columns = {kind: [name for name, _ in some] for kind, some in OBJECT_TYPES.items()}
        for name, attributes in event_types():
            self._type("event", name, attributes, "PRIMARY KEY", ())
        for name, of_object in OBJECT_TYPES.items():
            self._type("object", name, of_object, "NOT NULL", ("ocel_changed_field TEXT",))
        self._db.execute("BEGIN")

    def events(self, some: Sequence[OcelEvent]) -> None:
        """Write some events."""
        of_type: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for name, kind, time, values, _ in some:
            of_type[kind].append((name, time, *values))
        self._insert("INSERT INTO event", [(one.id, one.type) for one in some])
        for name, rows in of_type.items():
            self._insert(f"INSERT INTO {_quoted(f'event_{mapped(name)}')}", rows)
        related = [(one.id, target, qualifier) for one in some for target, qualifier in one.relations]
        self._insert("INSERT OR IGNORE INTO event_object", related)

    def objects(self, some: Sequence[OcelObject]) -> None:
        """Write some objects: a row for each change of an attribute."""
        of_type: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for one in some:
            columns = self._columns[one.type]
            of_type[one.type] += [
                (one.id, at, name, *(value if column == name else None for column in columns))
                for name, at, value in one.changes
            ]
        self._insert("INSERT INTO object", [(one.id, one.type) for one in some])
        for name, rows in of_type.items():
            self._insert(f"INSERT INTO {_quoted(f'object_{name}')}", rows)
        related = [(one.id, target, qualifier) for one in some for target, qualifier in one.relations]
        self._insert("INSERT OR IGNORE INTO object_object", related)

    def close(self) -> None:
        """Keep what was written."""
        self._db.execute("COMMIT")
        self._db.close()

    def _type(self, of: str, name: str, attributes: Iterable[tuple[str, str]], key: str, more: Sequence[str]) -> None:
        table = f"{of}_{mapped(name)}"
        columns = [f"ocel_id TEXT {key} REFERENCES {of}", "ocel_time TIMESTAMP NOT NULL", *more]
        columns += [f"{_quoted(attribute)} {KINDS[kind]}" for attribute, kind in attributes]
        self._db.execute(f"CREATE TABLE {_quoted(table)} ({', '.join(columns)})")
        self._db.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", (name, mapped(name)))

    def _insert(self, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        width, whole = len(rows[0]), len(rows) - len(rows) % AT_ONCE
        many = _statement(into, width, AT_ONCE)
        for first in range(0, whole, AT_ONCE):
            self._db.execute(many, list(chain.from_iterable(rows[first : first + AT_ONCE])))
        self._db.executemany(_statement(into, width, 1), rows[whole:])


def mapped(name: str) -> str:
    """A type's name as a part of a table's."""
    return name.replace(".", "_")


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def _statement(into: str, width: int, rows: int) -> str:
    one = f"({', '.join('?' * width)})"
    return f"{into} VALUES {', '.join([one] * rows)}"
