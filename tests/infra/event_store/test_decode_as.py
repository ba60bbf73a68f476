"""Knowing the type beforehand makes reading quicker and changes nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given

from domain.events import Event
from domain.ids import TenantId
from infra.event_store import codec
from infra.event_store.codec import UnknownEventType, decode, decode_as, encode
from infra.ids import uuid7
from tests.any_event import ANY_EVENT
from tests.golden.examples import EVENTS
from tests.infra.event_store.test_codec import ENVELOPES, Greeted, changed, greeted  # noqa: F401  # a fixture

AT = datetime(2026, 4, 1, tzinfo=UTC)
LOG = (7, TenantId("t"), 3, AT)


@given(ANY_EVENT, ENVELOPES)
def test_it_is_read_as_decode_reads_it(event: Any, envelope: dict[str, Any]) -> None:
    body = encode(event, uuid7(), 1, **envelope)
    assert decode_as(*LOG, body, event.type) == decode(*LOG, body)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_no_type_takes_the_slow_way(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(codec, "decode")
    body = encode(event, uuid7(), 1, actor=None, command="c", correlation="c")
    assert decode_as(*LOG, body, event.type)[0] == event


@pytest.mark.usefixtures("greeted")
def test_an_older_form_is_read_as_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec._wholes, "test.greeted", codec._whole("test.greeted", Greeted))
    body = changed(type="test.greeted", schema=1, data={"first": "hello"})
    assert decode_as(*LOG, body, "test.greeted")[0] == Greeted(("hello", "!"))


def test_the_body_is_believed_more_than_the_column() -> None:
    assert decode_as(*LOG, changed(), "run.cancelled")[1].type == "run.commented"


@pytest.mark.parametrize("change", [{"type": "run.forgotten"}, {"schema": 2}])
def test_what_is_not_known_is_an_error_as_ever(change: dict[str, Any]) -> None:
    with pytest.raises(UnknownEventType):
        decode_as(*LOG, changed(**change), str(change.get("type", "run.commented")))


def test_a_broken_body_is_an_error_as_ever() -> None:
    body = json.dumps(json.loads(changed()) | {"version": "one"}).encode()
    with pytest.raises(msgspec.ValidationError):
        decode_as(*LOG, body, "run.commented")
