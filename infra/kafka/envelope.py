"""An event as a record: CloudEvents 1.0 in binary mode, the stored bytes as its value.

The Kafka protocol binding (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md):
each attribute is a header `ce_…` in UTF-8, the content type a header without that prefix, the data the value as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from domain.ids import TenantId

Headers = list[tuple[str, bytes]]

JSON = ("content-type", b"application/json")
SPEC = ("ce_specversion", b"1.0")
DATA_IN_THE_LOG = "urn:ashiato:log:"
"""Begins `ce_dataref` of an event whose bytes did not fit into a record: the log has them at that position."""


class NotAnEvent(Exception):
    """A record is not what the relay writes."""


class Logged(NamedTuple):
    """An event as it stands in the log."""

    position: int
    tenant: TenantId
    seq: int
    recorded_at: datetime
    body: bytes
    type: str
    stream: str


class Placed(NamedTuple):
    """Where an event stands among others.

    `previous` is the position of the event before it in its partition, `end` that of the last event of its command.
    """

    previous: int
    end: int


class Received(NamedTuple):
    """What a record says; `body` is None when the log has it (`ce_dataref`)."""

    position: int
    tenant: TenantId
    seq: int
    recorded_at: datetime
    body: bytes | None
    type: str
    previous: int
    end: int


def headers(event: Logged, placed: Placed, source: bytes) -> Headers:
    """The attributes of an event; `source` names this installation."""
    return [
        SPEC,
        JSON,
        ("ce_id", b"%s.%d" % (event.tenant.encode(), event.seq)),
        ("ce_source", source),
        ("ce_type", event.type.encode()),
        ("ce_time", event.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()),
        ("ce_subject", event.stream.encode()),
        ("ce_seq", b"%d" % event.seq),
        ("ce_position", b"%d" % event.position),
        ("ce_previous", b"%d" % placed.previous),
        ("ce_commandend", b"%d" % placed.end),
    ]


def elsewhere(position: int) -> tuple[str, bytes]:
    """The header that says: the data did not fit, the log has them."""
    return "ce_dataref", f"{DATA_IN_THE_LOG}{position}".encode()


def received(key: bytes | None, found: Sequence[tuple[str, bytes]], value: bytes | None) -> Received:
    """What a record's key, headers and value say. Raises NotAnEvent."""
    said = {**dict(found), **({} if key is None else {"key": key})}
    try:
        _check(said, value)
        return Received(
            int(said["ce_position"]),
            TenantId(said["key"].decode()),
            int(said["ce_seq"]),
            datetime.fromisoformat(said["ce_time"].decode()),
            value,
            said["ce_type"].decode(),
            int(said["ce_previous"]),
            int(said["ce_commandend"]),
        )
    except KeyError as missing:
        raise NotAnEvent(f"expected a CloudEvent of ours, but its {missing} is missing") from None
    except (AttributeError, ValueError) as error:
        raise NotAnEvent(f"expected a CloudEvent of ours, but it cannot be read: {error}") from None


def _check(said: Mapping[str, bytes], value: bytes | None) -> None:
    """Raises ValueError."""
    if said["ce_specversion"] != SPEC[1]:
        raise ValueError(f"it is of version {said['ce_specversion']!r}")
    if value is None and "ce_dataref" not in said:
        raise ValueError("it has neither data nor a ce_dataref")


def size_of(attributes: Headers, key: bytes, value: bytes) -> int:
    """At most so many bytes does a record take (https://kafka.apache.org/documentation/#recordheader)."""
    return sum(len(name) + len(text) + 10 for name, text in attributes) + len(key) + len(value) + 40
