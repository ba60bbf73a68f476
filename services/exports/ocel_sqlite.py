"""OCEL 2.0 as an SQLite database, with its primary and foreign keys."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
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
QUICKLY = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -6144; "


class OcelSqlite:
    """Writes events and objects in any order; `close` it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(QUICKLY + SCHEMA)
        self._columns: dict[str, tuple[str, ...]] = {}
        for name, attributes in event_types():
            self._type("event", name, attributes, "PRIMARY KEY", ())
        for name, of_object in OBJECT_TYPES.items():
            self._type("object", name, of_object, "NOT NULL", ("ocel_changed_field TEXT",))
        self._db.execute("BEGIN")

    def events(self, some: Sequence[OcelEvent]) -> None:
        """Write some events."""
        of_type: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for one in some:
            values = dict(one.attributes)
            of_type[one.type].append((one.id, one.time, *map(values.get, self._columns[f"event_{one.type}"])))
        many = self._db.executemany
        many("INSERT INTO event VALUES (?, ?)", [(one.id, one.type) for one in some])
        for name, rows in of_type.items():
            many(f"INSERT INTO {_quoted(f'event_{mapped(name)}')} VALUES ({_places(rows[0])})", rows)
        related = [(one.id, target, qualifier) for one in some for target, qualifier in one.relations]
        many("INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)", related)

    def objects(self, some: Iterable[OcelObject]) -> None:
        """Write some objects: a row for each change of an attribute."""
        for one in some:
            columns = self._columns[f"object_{one.type}"]
            self._db.execute("INSERT INTO object VALUES (?, ?)", (one.id, one.type))
            table, places = _quoted(f"object_{one.type}"), _places(("", "", "", *columns))
            rows = [
                (one.id, at, name, *(value if column == name else None for column in columns))
                for name, at, value in one.changes
            ]
            self._db.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
            related = [(one.id, target, qualifier) for target, qualifier in one.relations]
            self._db.executemany("INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", related)

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
        self._columns[f"{of}_{name}"] = tuple(attribute for attribute, _ in attributes)


def mapped(name: str) -> str:
    """A type's name as a part of a table's."""
    return name.replace(".", "_")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _places(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
