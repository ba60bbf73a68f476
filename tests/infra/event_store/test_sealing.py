"""What is personal is sealed under its owner's key, for its place alone, in canonical JSON."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.events import EVENT_TYPES
from domain.personal import ERASED, personal_fields
from infra.event_store.codec import decode_event, decode_event_as, encode
from infra.event_store.sealing import MARKS, SealBroken, open_in_place, sealed, sealed_for, unsealed_for
from tests.any_event import any_of
from tests.golden import FOLDER, VERSION
from tests.golden.examples import ENVELOPE, EVENTS, STREAM

TENANT, OTHER = "0198c1e5-7f40-7abc-8def-00000000aaaa", "0198c1e5-7f40-7abc-8def-00000000bbbb"
KEY, ANOTHER = AESGCM(bytes(range(32))), AESGCM(bytes(32))
MARKED = sorted(kind.type for kind in MARKS)
ANY_MARKED: st.SearchStrategy[Any] = st.sampled_from(MARKED).flatmap(lambda name: any_of(EVENT_TYPES[name]))
by_example = pytest.mark.parametrize("event", [e for e in EVENTS if type(e) in MARKS], ids=lambda e: e.type)


def stored(event: Any, version: int = 1) -> bytes:
    return encode(event, STREAM, version, actor=None, command="c", correlation="c")



@given(ANY_MARKED)
def test_what_is_sealed_and_stored_is_opened_as_it_was(event: Any) -> None:
    body = stored(sealed(event, TENANT, STREAM, 1, KEY))
    for read in (decode_event(body), decode_event_as(body, event.type)):
        if sealed_for(read, STREAM) is not None:
            open_in_place(read, TENANT, STREAM, 1, KEY)
        assert read == event


@given(ANY_MARKED)
def test_sealed_bytes_are_canonical_json_and_stay_the_same_when_read_and_written(event: Any) -> None:
    body = stored(sealed(event, TENANT, STREAM, 1, KEY))
    assert body == rfc8785.dumps(json.loads(body))
    assert stored(decode_event(body)) == body


@given(ANY_MARKED)
def test_no_personal_field_is_left_open(event: Any) -> None:
    data = json.loads(stored(sealed(event, TENANT, STREAM, 1, KEY)))["data"]
    for name in personal_fields(type(event)):
        assert not getattr(event, name) or set(data[name]) in ({"sealed"}, {"fields", "sealed"})
    assert unsealed_for(sealed(event, TENANT, STREAM, 1, KEY), STREAM) is None


@given(ANY_MARKED)
def test_a_seal_is_never_the_same_twice(event: Any) -> None:
    assume(unsealed_for(event, STREAM) is not None)
    assert sealed(event, TENANT, STREAM, 1, KEY) != sealed(event, TENANT, STREAM, 1, KEY)


@given(
    ANY_MARKED,
    st.sampled_from(
        [(OTHER, STREAM, 1, KEY), (TENANT, OTHER, 1, KEY), (TENANT, STREAM, 2, KEY), (TENANT, STREAM, 1, ANOTHER)]
    ),
)
def test_another_tenant_stream_version_or_key_opens_nothing(event: Any, place: tuple[str, str, int, AESGCM]) -> None:
    assume(unsealed_for(event, STREAM) is not None)
    read = decode_event(stored(sealed(event, TENANT, STREAM, 1, KEY)))
    with pytest.raises(SealBroken, match="as it was sealed"):
        open_in_place(read, *place)


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_fields_of_an_event_do_not_change_places(name: str, email: str) -> None:
    event = next(e for e in EVENTS if e.type == "tenant.member_joined")
    data = json.loads(stored(sealed(type(event)(event.member, "owner", None, name, email), TENANT, STREAM, 1, KEY)))
    data["data"]["name"], data["data"]["email"] = data["data"]["email"], data["data"]["name"]
    with pytest.raises(SealBroken):
        open_in_place(decode_event(rfc8785.dumps(data)), TENANT, STREAM, 1, KEY)


@given(ANY_MARKED)
def test_without_its_key_it_is_erased_and_what_was_empty_is_empty(event: Any) -> None:
    read = decode_event(stored(sealed(event, TENANT, STREAM, 1, KEY)))
    open_in_place(read, TENANT, STREAM, 1, None)  # nothing to do where nothing was sealed
    for name in personal_fields(type(event)):
        was, value = getattr(event, name), getattr(read, name)
        if not was:
            assert value == was
        elif isinstance(was, str):
            assert value == ERASED
        else:
            assert value == dict.fromkeys(was, ERASED)


@given(st.text(max_size=30))
def test_what_is_no_seal_is_refused(text: str) -> None:
    body = json.loads(stored(next(e for e in EVENTS if e.type == "run.commented")))
    body["data"]["text"] = {"sealed": text}
    with pytest.raises(SealBroken):
        open_in_place(decode_event(rfc8785.dumps(body)), TENANT, STREAM, 1, KEY)


@given(st.dictionaries(st.sampled_from(["fields", "sealed"]), st.text(max_size=5) | st.booleans(), min_size=1))
def test_an_open_form_whose_fields_have_these_names_is_read_as_it_was_written(values: Any) -> None:
    event = next(e for e in EVENTS if e.type == "run.step_completed")
    form = type(event)(event.step, event.by, event.on, {}, 0, values)
    assert decode_event(stored(form)) == form
    closed = decode_event(stored(sealed(form, TENANT, STREAM, 1, KEY)))
    open_in_place(closed, TENANT, STREAM, 1, KEY)
    assert closed == form


def test_an_events_personal_data_are_one_persons() -> None:
    assert {len(set(personal_fields(kind).values())) for kind in MARKS} == {1}


def golden(event: Any) -> Path:
    schema = getattr(type(event), "schema", 1)
    return FOLDER / "sealed" / f"{event.type}.v{schema}.json"


def sealed_bytes(event: Any, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The bytes that are stored under a known key, with nonces that count from 0."""
    nonces = iter(range(100))
    monkeypatch.setattr(os, "urandom", lambda size: next(nonces).to_bytes(size))
    return encode(sealed(event, TENANT, STREAM, VERSION, KEY), STREAM, VERSION, **ENVELOPE)


@by_example
def test_the_sealed_bytes_have_not_changed(event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sealed_bytes(event, monkeypatch) == golden(event).read_bytes()


@pytest.mark.parametrize("path", sorted((FOLDER / "sealed").glob("*.json")), ids=lambda path: path.stem)
def test_every_sealed_file_old_versions_included_can_be_opened(path: Path) -> None:
    read = decode_event(path.read_bytes())
    open_in_place(read, TENANT, STREAM, VERSION, KEY)
    assert unsealed_for(read, STREAM)
    assert sealed_for(read, STREAM) is None
