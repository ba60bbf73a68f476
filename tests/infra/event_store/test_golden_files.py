"""What is stored stays readable, and is written the same way for ever."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from domain.events import EVENT_TYPES, Event
from domain.ids import TenantId
from infra.event_store.codec import decode, decode_event, decode_event_as, schema_of
from tests.golden import FOLDER, VERSION, bytes_of, path_of
from tests.golden.examples import ENVELOPE, EVENTS, STREAM

by_type = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
by_file = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)


def test_there_is_one_for_every_type_and_version() -> None:
    needed = {f"{name}.v{n}.json" for name, kind in EVENT_TYPES.items() for n in range(1, schema_of(kind) + 1)}
    assert needed == {path.name for path in FOLDER.glob("*.json")}


def test_there_is_one_example_of_every_type() -> None:
    assert sorted(event.type for event in EVENTS) == sorted(EVENT_TYPES)


@by_type
def test_the_stored_bytes_have_not_changed(event: Event) -> None:
    assert bytes_of(event) == path_of(event).read_bytes()


@by_type
def test_the_stored_bytes_are_read_as_the_same_event(event: Event) -> None:
    recorded_at = datetime(2026, 4, 1, tzinfo=UTC)
    read, meta = decode(1, TenantId("t"), 1, recorded_at, path_of(event).read_bytes())
    assert read == event
    assert (meta.stream, meta.version, meta.actor, meta.reason) == (
        STREAM,
        VERSION,
        ENVELOPE["actor"],
        ENVELOPE["reason"],
    )


@by_file
def test_every_file_old_versions_included_can_be_read(path: Path) -> None:
    name, _, schema = path.stem.rpartition(".v")
    stored: dict[str, Any] = json.loads(path.read_bytes())
    assert (stored["type"], stored["schema"]) == (name, int(schema))
    assert type(decode_event(path.read_bytes())) is EVENT_TYPES[name]


@by_file
def test_every_file_is_canonical(path: Path) -> None:
    assert path.read_bytes() == rfc8785.dumps(json.loads(path.read_bytes()))


@by_file
def test_knowing_the_type_beforehand_changes_nothing(path: Path) -> None:
    name, _, _ = path.stem.rpartition(".v")
    body = path.read_bytes()
    assert decode_event_as(body, name) == decode_event(body)
