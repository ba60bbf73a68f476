"""Events to the log's bytes and back."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.events import EVENT_TYPES
from domain.ids import TenantId
from domain.runs.events import Commented
from infra.event_store import codec
from infra.event_store.codec import UnknownEventType, decode, decode_event, encode
from infra.event_store.upcasts import UPCASTS
from infra.ids import uuid7
from tests.any_event import ANY_EVENT, any_of

RECORDED_AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
MAYBE_TEXT = st.none() | st.text(max_size=20)
ENVELOPES = st.fixed_dictionaries(
    {
        "actor": MAYBE_TEXT,
        "command": st.uuids().map(str),
        "correlation": st.text(max_size=20),
        "causation": MAYBE_TEXT,
        "on_behalf_of": MAYBE_TEXT,
        "reason": MAYBE_TEXT,
        "occurred": st.none() | any_of(datetime),
    }
)


@given(ANY_EVENT, ENVELOPES)
def test_the_bytes_are_canonical_json(event: Any, envelope: dict[str, Any]) -> None:
    body = encode(event, uuid7(), 1, **envelope)
    assert body == rfc8785.dumps(json.loads(body))


@given(st.text())
def test_any_text_is_written_as_rfc_8785_asks(text: str) -> None:
    body = encode(Commented(None, "m", text), uuid7(), 1, actor=None, command="c", correlation="c")  # type: ignore[arg-type]  # any id will do
    assert rfc8785.dumps(text) in body


@pytest.mark.parametrize("code", [*range(0x20), 0x7F, 0x2028, 0xFFFF, 0x1F600])
def test_control_characters_are_written_as_rfc_8785_asks(code: int) -> None:
    comment = Commented(None, "m", chr(code))  # type: ignore[arg-type]  # any id will do
    body = encode(comment, uuid7(), 1, actor=None, command="c", correlation="c")
    assert rfc8785.dumps(chr(code)) in body


@given(ANY_EVENT, ENVELOPES, st.integers(1, 2**31 - 1))
def test_what_was_written_is_read_again(event: Any, envelope: dict[str, Any], version: int) -> None:
    stream = uuid7()
    read, meta = decode(7, TenantId("t"), 3, RECORDED_AT, encode(event, stream, version, **envelope))
    assert read == event
    assert {
        "actor": meta.actor,
        "command": meta.command,
        "correlation": meta.correlation,
        "causation": meta.causation,
        "on_behalf_of": meta.on_behalf_of,
        "reason": meta.reason,
        "occurred": meta.occurred_at,
    } == envelope
    assert (meta.position, meta.seq, meta.recorded_at, meta.type) == (7, 3, RECORDED_AT, event.type)
    assert (meta.stream, meta.version) == (stream, version)


@given(ANY_EVENT)
def test_a_state_is_folded_from_the_same_events(event: Any) -> None:
    assert decode_event(encode(event, uuid7(), 1, actor=None, command="c", correlation="c")) == event


def test_half_a_character_is_not_stored() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode(Commented(None, "m", "\ud83d"), uuid7(), 1, actor=None, command="c", correlation="c")  # type: ignore[arg-type]  # any id will do


def changed(**changes: Any) -> bytes:
    """The bytes of a comment, with something in its envelope changed."""
    comment = Commented(None, "m", "x")  # type: ignore[arg-type]  # any id will do
    body = json.loads(encode(comment, uuid7(), 1, actor=None, command="c", correlation="c"))
    return json.dumps(body | changes).encode()


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(UnknownEventType, match=r"'run\.forgotten'"):
        decode_event(changed(type="run.forgotten"))


@pytest.mark.parametrize("schema", [0, 2])
def test_an_unknown_schema_is_an_error(schema: int) -> None:
    with pytest.raises(UnknownEventType, match=r"'run\.commented'"):
        decode_event(changed(schema=schema))


def test_type_names_are_our_own() -> None:
    assert all(name == getattr(kind, "type", None) for name, kind in EVENT_TYPES.items())
    assert not [name for name in EVENT_TYPES if "domain" in name or not name.islower()]


@dataclass(frozen=True, slots=True)
class Greeted:
    """A test's own event; its first form had one text, its second two, its third a list."""

    type: ClassVar[str] = "test.greeted"
    schema: ClassVar[int] = 3
    words: tuple[str, ...]


@pytest.fixture
def greeted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EVENT_TYPES, "test.greeted", Greeted)
    monkeypatch.setitem(codec._types, "test.greeted", msgspec.json.Decoder(Greeted).decode)
    monkeypatch.setitem(UPCASTS, ("test.greeted", 1), lambda old: old | {"second": "!"})
    monkeypatch.setitem(UPCASTS, ("test.greeted", 2), lambda old: {"words": [old["first"], old["second"]]})


@pytest.mark.usefixtures("greeted")
@pytest.mark.parametrize(
    ("schema", "data"),
    [(1, {"first": "hello"}), (2, {"first": "hello", "second": "!"}), (3, {"words": ["hello", "!"]})],
)
def test_every_older_form_is_read_as_the_newest(schema: int, data: dict[str, Any]) -> None:
    body = changed(type="test.greeted", schema=schema, data=data)
    assert decode_event(body) == Greeted(("hello", "!"))


@pytest.mark.usefixtures("greeted")
def test_the_newest_form_is_written() -> None:
    body = encode(Greeted(("hello",)), uuid7(), 1, actor=None, command="c", correlation="c")
    assert json.loads(body)["schema"] == 3


def test_a_type_reaches_the_newest_form_from_each_older_one() -> None:
    older = [(name, schema) for name, kind in EVENT_TYPES.items() for schema in range(1, codec.schema_of(kind))]
    assert sorted(UPCASTS) == sorted(older)
