"""OCEL 2.0 as JSON, written as it comes: types, then events, then objects."""

from collections.abc import Iterable
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from services.exports.ocel import OBJECT_TYPES, OcelEvent, OcelObject, event_types

_json = msgspec.json.Encoder().encode


class Attribute(Struct, gc=False):
    """What an event says."""

    name: str
    value: Any


class Relation(Struct, gc=False, rename={"object": "objectId"}):
    """What an event or object has to do with an object."""

    object: str
    qualifier: str


class JsonEvent(Struct, gc=False):
    """An event, as it is written."""

    id: str
    type: str
    time: str
    attributes: list[Attribute]
    relationships: list[Relation]


class OcelJson:
    """Writes events, then objects; `close` it, or it is no JSON."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._between = b""
        of_events = dict(event_types())
        self._names = {name: [attribute for attribute, _ in some] for name, some in of_events.items()}
        types = {
            "objectTypes": [_typed(name, attributes) for name, attributes in OBJECT_TYPES.items()],
            "eventTypes": [_typed(name, attributes) for name, attributes in of_events.items()],
        }
        file.write(_json(types)[:-1] + b',"events":[')

    def events(self, some: Iterable[OcelEvent]) -> None:
        """Write some events."""
        self._write(map(self._event, some))

    def no_more_events(self) -> None:
        """Objects follow."""
        self._file.write(b'],"objects":[')
        self._between = b""

    def objects(self, some: Iterable[OcelObject]) -> None:
        """Write some objects."""
        self._write(
            {
                "id": one.id,
                "type": one.type,
                "attributes": [{"name": name, "time": at, "value": value} for name, at, value in one.changes],
                "relationships": _relations(one.relations),
            }
            for one in some
        )

    def close(self) -> None:
        """The end."""
        self._file.write(b"]}\n")

    def _event(self, one: OcelEvent) -> JsonEvent:
        name, kind, time, values, relations = one
        said = zip(self._names[kind], values, strict=True)
        attributes = [Attribute(attribute, value) for attribute, value in said if value is not None]
        return JsonEvent(name, kind, time, attributes, _relations(relations))

    def _write(self, some: Iterable[object]) -> None:
        text = b",\n".join(map(_json, some))
        if text:
            self._file.write(self._between + text)
            self._between = b",\n"


def _typed(name: str, attributes: Iterable[tuple[str, str]]) -> dict[str, object]:
    return {"name": name, "attributes": [{"name": name, "type": kind} for name, kind in attributes]}


def _relations(relations: Iterable[tuple[str, str]]) -> list[Relation]:
    return [Relation(name, qualifier) for name, qualifier in relations]
