"""The AsyncAPI document is valid, current, and true of the events that are stored.

asyncapi-3.0.0.schema.json is the AsyncAPI Initiative's own schema (github.com/asyncapi/spec-json-schemas, Apache-2.0).
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from domain.events import EVENT_TYPES
from infra.event_store.codec import schema_of
from infra.kafka.envelope import SPEC, Placed, headers
from services.asyncapi import document, encoded
from tests.golden import FOLDER
from tests.infra.kafka.samples import LOGGED

OFFICIAL = json.loads(Path(__file__).with_name("asyncapi-3.0.0.schema.json").read_bytes())
KEPT = Path(__file__).parents[2] / "docs" / "asyncapi.json"
GOLDEN = [FOLDER / f"{name}.v{schema_of(kind)}.json" for name, kind in EVENT_TYPES.items()]


def of_message(name: str, part: str) -> Draft7Validator:
    """A validator of a message's payload or headers."""
    whole = document()
    message = whole["components"]["messages"][name]
    schema = message if part == "payload" else whole["components"]["messageTraits"]["cloudEvent"]
    return Draft7Validator({**schema[part], "components": whole["components"]})


def test_it_is_what_the_asyncapi_initiative_calls_valid() -> None:
    assert [error.message for error in Draft7Validator(OFFICIAL).iter_errors(json.loads(encoded()))] == []


@pytest.mark.parametrize("without", ["info", "channels"])
def test_an_invalid_one_would_be_noticed(without: str) -> None:
    broken: dict[str, Any] = json.loads(encoded())
    broken[without] = None
    with pytest.raises(ValidationError):
        Draft7Validator(OFFICIAL).validate(broken)


def test_the_one_in_docs_is_current() -> None:
    assert KEPT.read_bytes() == encoded(), "run `ashiato asyncapi > docs/asyncapi.json`"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_it_describes_the_stored_events(path: Path) -> None:
    body = json.loads(path.read_bytes())
    of_message(body["type"], "payload").validate(body)
    with pytest.raises(ValidationError):
        of_message(body["type"], "payload").validate({**body, "data": None})


def test_it_describes_the_headers() -> None:
    found = {name: text.decode() for name, text in headers(LOGGED, Placed(3, 9), b"urn:ashiato")}
    of_message("run.started", "headers").validate(found)
    del found[SPEC[0]]
    with pytest.raises(ValidationError):
        of_message("run.started", "headers").validate(found)


def test_every_type_is_told_in_japanese_and_english() -> None:
    messages = document()["components"]["messages"]
    assert list(messages) == list(EVENT_TYPES)
    assert all(" / " in message["title"] and message["summary"] for message in messages.values())
