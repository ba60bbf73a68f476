"""What makes OCEL and XES true and not merely readable: a validator of our own, which knows nothing of the writers."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
PYTHON = {"string": str, "integer": int, "boolean": bool, "time": str}
XES = "{http://www.xes-standard.org/}"


def problems_of_json(path: Path) -> Iterator[str]:
    """What is wrong with an OCEL 2.0 file in JSON."""
    log = json.loads(path.read_text(encoding="utf-8"))
    kinds = {of: _types(log[of]) for of in ("eventTypes", "objectTypes")}
    ids = Counter(one["id"] for one in [*log["events"], *log["objects"]])
    yield from (f"{name} is there {count} times" for name, count in ids.items() if count > 1)
    objects = {one["id"]: one["type"] for one in log["objects"]}
    for of, some in (("eventTypes", log["events"]), ("objectTypes", log["objects"])):
        for one in some:
            declared = kinds[of].get(one["type"])
            if declared is None:
                yield f"{one['id']} is of the undeclared type {one['type']}"
                continue
            yield from _attributes(one, declared)
            yield from (
                f"{one['id']} leads to {r['objectId']}, which is not there"
                for r in one["relationships"]
                if r["objectId"] not in objects
            )
            pairs = Counter((r["objectId"], r["qualifier"]) for r in one["relationships"])
            yield from (f"{one['id']} touches {pair} twice" for pair, count in pairs.items() if count > 1)
    for event in log["events"]:
        if not ZONED.fullmatch(event["time"]):
            yield f"{event['id']} happened at {event['time']}, which has no zone"
        if not event["relationships"]:
            yield f"{event['id']} touches nothing"


def _types(some: list[Any]) -> dict[str, dict[str, str]]:
    return {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in some}


def _attributes(one: Any, declared: dict[str, str]) -> Iterator[str]:
    for attribute in one["attributes"]:
        kind, value = declared.get(attribute["name"]), attribute["value"]
        if kind is None:
            yield f"{one['id']} has the undeclared attribute {attribute['name']}"
        elif type(value) is not PYTHON[kind]:
            yield f"{one['id']} has {attribute['name']} = {value!r}, which is no {kind}"
        elif kind == "time" and not ZONED.fullmatch(str(value)):
            yield f"{one['id']} has {attribute['name']} = {value}, which has no zone"
        if "time" in attribute and not ZONED.fullmatch(attribute["time"]):
            yield f"{one['id']} changed at {attribute['time']}, which has no zone"


def problems_of_sqlite(path: Path) -> Iterator[str]:
    """What is wrong with an OCEL 2.0 database."""
    with sqlite3.connect(path) as db:
        yield from (f"{row[0]}: {row[1]} leads nowhere" for row in db.execute("PRAGMA foreign_key_check"))
        for of in ("event", "object"):
            mapped = dict(db.execute(f"SELECT ocel_type, ocel_type_map FROM {of}_map_type"))
            for kind, name in mapped.items():
                typed = {row[0] for row in db.execute(f'SELECT ocel_id FROM "{of}_{name}"')}
                listed = {row[0] for row in db.execute(f"SELECT ocel_id FROM {of} WHERE ocel_type = ?", (kind,))}
                if typed - listed or (of == "event" and listed - typed):
                    yield f"{of}s of {kind} are listed and told apart from each other"
        keys = {
            table: [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]]
            for table in ("event", "object", "event_object", "object_object")
        }
        yield from (f"{table} has no primary key" for table, columns in keys.items() if not columns)
        yield from (
            f"{table} has no foreign keys"
            for table in ("event_object", "object_object")
            if not db.execute(f"PRAGMA foreign_key_list({table})").fetchall()
        )


def relations_of_json(path: Path) -> set[tuple[str, str, str]]:
    """Which event touches which object, and as what."""
    log = json.loads(path.read_text(encoding="utf-8"))
    return {(e["id"], r["objectId"], r["qualifier"]) for e in log["events"] for r in e["relationships"]}


def relations_of_sqlite(path: Path) -> set[tuple[str, str, str]]:
    """The same, from the database."""
    with sqlite3.connect(path) as db:
        return set(db.execute("SELECT * FROM event_object"))


def problems_of_xes(path: Path) -> Iterator[str]:
    """What is wrong with an XES file."""
    log = ET.parse(path).getroot()  # noqa: S314 – a file of our own
    prefixes = {extension.get("prefix") for extension in log.iter(f"{XES}extension")}
    scopes = {scope.get("scope"): [g.get("key") for g in scope] for scope in log.iter(f"{XES}global")}
    if set(scopes) != {"trace", "event"}:
        yield "the globals of traces and events are not both there"
    for of in ("trace", "event"):
        for one in log.iter(f"{XES}{of}"):
            keys = [child.get("key") for child in one if child.get("key")]
            yield from (f"a {of} lacks {key}" for key in scopes.get(of, ()) if key not in keys)
            yield from (f"a {of} has {key} twice" for key, count in Counter(keys).items() if count > 1)
            yield from (f"{k} is of no extension" for k in keys if k and ":" in k and k.split(":")[0] not in prefixes)
    for date in log.iter(f"{XES}date"):
        if not ZONED.fullmatch(date.get("value", "")):
            yield f"{date.get('value')} has no zone"
    for trace in log.iter(f"{XES}trace"):
        times = [d.get("value", "") for d in trace.iter(f"{XES}date") if d.get("key") == "time:timestamp"]
        if times != sorted(times) or not times:
            yield "a trace is out of order, or empty"
