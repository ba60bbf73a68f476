"""The AsyncAPI 3 document of what the relay sends, made of the catalogue of events: every type, its data, its words."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from inspect import getdoc
from typing import Any

import msgspec

from domain.events import EVENT_TYPES
from infra.event_store.codec import Envelope, schema_of
from infra.event_store.sealing import MARKS, wire_of
from infra.kafka.envelope import DATA_IN_THE_LOG
from infra.kafka.settings import KafkaSettings
from services.console.event_words import EVENT_WORDS

UUID = {"type": "string", "format": "uuid"}
TEXT = {"type": "string"}
NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
HEADERS: Mapping[str, Mapping[str, Any]] = {
    "content-type": {"const": "application/json"},
    "ce_specversion": {"const": "1.0"},
    "ce_id": {**TEXT, "description": "`<company>.<seq>`: the same event always has the same one."},
    "ce_source": {**TEXT, "description": "This installation.", "format": "uri"},
    "ce_type": TEXT,
    "ce_time": {**TEXT, "description": "When it was recorded.", "format": "date-time"},
    "ce_subject": {**UUID, "description": "The stream: a run, a procedure, the company."},
    "ce_seq": {**NUMBER, "description": "The company's own count, dense from 1."},
    "ce_position": {**NUMBER, "description": "Its place in the log of all companies."},
    "ce_previous": {**NUMBER, "description": "The position of the event before it in this partition, 0 for the first."},
    "ce_commandend": {**NUMBER, "description": "The position of the last event of its command."},
}
ELSEWHERE = {
    **TEXT,
    "description": "Only where the value is missing, for it did not fit into a record: where the log has it.",
    "pattern": f"^{DATA_IN_THE_LOG}[0-9]+$",
}
ABOUT = """\
Every event of the log, at least once, those of a company in their order. docs/kafka.md tells how a reader leaves out \
what comes twice or before its turn.

What is personal (個人情報) is sealed under the person's own key, so that it can be erased: {"sealed": …}.

`schema` tells an event's form; the newest is described here. An older one stays as it was stored."""


def document() -> dict[str, Any]:
    """The whole document."""
    schemas = _schemas()
    envelope = schemas.pop(Envelope.__name__)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:ashiato",
        "info": {
            "title": "Ashiato",
            "version": version("ashiato"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {"events": _channel()},
        "operations": {
            "sendEvents": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "Whatever happens, as soon as it is in the log.",
            }
        },
        "components": {
            "messages": {name: _message(name, envelope, schemas) for name in EVENT_TYPES},
            "messageTraits": {"cloudEvent": _trait()},
            "schemas": schemas,
        },
    }


@cache
def encoded() -> bytes:
    """The document as it is kept in docs/asyncapi.json."""
    return msgspec.json.format(msgspec.json.encode(document(), order="deterministic"), indent=1) + b"\n"


def _channel() -> dict[str, Any]:
    usual = KafkaSettings("")
    return {
        "address": usual.topic,
        "description": "The topic that ASHIATO_KAFKA_TOPIC names, keyed by the company's id.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in EVENT_TYPES},
        "bindings": {
            "kafka": {
                "topic": usual.topic,
                "partitions": usual.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": usual.retention_hours * 3_600_000,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _trait() -> dict[str, Any]:
    """What all messages share: CloudEvents 1.0 in binary mode."""
    return {
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {**HEADERS, "ce_dataref": ELSEWHERE},
            "required": sorted(HEADERS),
        },
        "bindings": {"kafka": {"key": {**UUID, "description": "The company."}, "bindingVersion": "0.5.0"}},
    }


def _message(name: str, envelope: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    japanese, english = EVENT_WORDS[name]
    kind = EVENT_TYPES[name]
    return {
        "name": name,
        "title": f"{japanese} / {english}",
        "summary": schemas[_stored(kind).__name__].get("description", english).splitlines()[0],
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {
            "type": "object",
            "properties": {
                **envelope["properties"],
                "type": {"const": name},
                "schema": {"type": "integer", "minimum": 1, "maximum": schema_of(kind)},
                "data": {"$ref": f"#/components/schemas/{_stored(kind).__name__}"},
            },
            "required": envelope["required"],
        },
    }


def _schemas() -> dict[str, Any]:
    """The data of every type as the log has it, and what they are made of."""
    kinds = [_stored(kind) for kind in EVENT_TYPES.values()]
    _, found = msgspec.json.schema_components([Envelope, *kinds], ref_template="#/components/schemas/{name}")
    for kind in EVENT_TYPES.values():
        if kind in MARKS:
            _tell(found[_stored(kind).__name__], kind)
    return dict(found)


def _tell(schema: dict[str, Any], kind: type) -> None:
    """A stored form has its event's words, and says what is sealed."""
    schema["description"] = getdoc(kind) or ""
    for field in fields(kind):
        if field.name in MARKS[kind].names:
            schema["properties"][field.name]["description"] = "個人情報 / personal"


def _stored(kind: type) -> type:
    return wire_of(kind) if kind in MARKS else kind
