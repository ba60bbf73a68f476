"""Our stored bytes, as the library's mapper sees them."""

from typing import Any
from uuid import UUID

import pytest
from eventsourcing.compressor import ZlibCompressor
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import JSONTranscoder, StoredEvent
from hypothesis import given

from infra.event_store.codec import UnknownEventType, encode
from infra.event_store.mapper import LogMapper, Recorded
from infra.event_store.recorder import UnsafeSetting
from infra.ids import uuid7
from tests.any_event import ANY_EVENT
from tests.golden import path_of
from tests.golden.examples import ENVELOPE, EVENTS, STREAM

MAPPER = LogMapper(JSONTranscoder())


@given(ANY_EVENT)
def test_any_event_comes_back(event: Any) -> None:
    recorded = Recorded(uuid7(), 3, event, uuid7(), "c", "a", "b", "because", None, "cause")
    assert MAPPER.to_domain_event(MAPPER.to_stored_event(recorded)) == recorded


@given(ANY_EVENT)
def test_its_bytes_and_name_are_the_logs_own(event: Any) -> None:
    stream, command = uuid7(), uuid7()
    stored = MAPPER.to_stored_event(Recorded(stream, 3, event, command, "c"))
    assert stored.state == encode(event, stream, 3, actor=None, command=command, correlation="c")
    assert (stored.originator_id, stored.originator_version, stored.topic) == (UUID(stream), 3, event.type)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_golden_file_is_read(event: Any) -> None:
    stored = StoredEvent(UUID(STREAM), 7, event.type, path_of(event).read_bytes())
    recorded = MAPPER.to_domain_event(stored)
    assert (recorded.event, recorded.originator_id, recorded.originator_version) == (event, STREAM, 7)
    assert (recorded.actor, recorded.reason) == (ENVELOPE["actor"], ENVELOPE["reason"])


def test_an_unknown_type_is_an_error_and_no_import() -> None:
    body = path_of(EVENTS[0]).read_bytes().replace(b"tenant.signed_up", b"os:system")
    with pytest.raises(UnknownEventType):
        MAPPER.to_domain_event(StoredEvent(UUID(STREAM), 7, "os:system", body))


def test_what_would_change_the_bytes_is_refused() -> None:
    with pytest.raises(UnsafeSetting):
        LogMapper(JSONTranscoder(), compressor=ZlibCompressor())


def test_an_event_of_the_librarys_own_is_refused() -> None:
    event = DomainEvent(UUID(STREAM), 1, DomainEvent.create_timestamp())
    with pytest.raises(TypeError, match="expected a Recorded"):
        MAPPER.to_stored_event(event)  # type: ignore[arg-type]  # the point of the test
