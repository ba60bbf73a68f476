"""OCEL 2.0 as JSON, written as it comes: types, then events, then objects."""

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from services.exports.ocel import OBJECT_TYPES, OcelEvent, OcelObject, event_types

_json = msgspec.json.Encoder().encode


class OcelJson:
    """Writes events, then objects; `close` it, or it is no JSON."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._between = b""
        types = {
            "objectTypes": [_typed(name, attributes) for name, attributes in OBJECT_TYPES.items()],
            "eventTypes": [_typed(name, attributes) for name, attributes in event_types()],
        }
        file.write(_json(types)[:-1] + b',"events":[')

    def events(self, some: Iterable[OcelEvent]) -> None:
        """Write some events."""
        self._write(
            {
                "id": one.id,
                "type": one.type,
                "time": one.time,
                "attributes": [{"name": name, "value": value} for name, value in one.attributes],
                "relationships": _relations(one.relations),
            }
            for one in some
        )

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

    def _write(self, some: Iterable[object]) -> None:
        text = b",\n".join(map(_json, some))
        if text:
            self._file.write(self._between + text)
            self._between = b",\n"


def _typed(name: str, attributes: Iterable[tuple[str, str]]) -> dict[str, object]:
    return {"name": name, "attributes": [{"name": name, "type": kind} for name, kind in attributes]}


def _relations(relations: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"objectId": name, "qualifier": qualifier} for name, qualifier in relations]
