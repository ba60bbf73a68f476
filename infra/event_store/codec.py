"""Events to the log's bytes and back. The bytes are canonical JSON (RFC 8785) and are the evidence.

Keys are sorted, numbers are integers below 2^53, amounts are strings: msgspec's sorted encoding is then the
canonical one (a property test compares it with another implementation). Type names are our own.

What is sealed of an event stays sealed here: `sealing.py` seals and opens, for those who have the keys.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from domain.events import EVENT_TYPES, Event, Meta
from domain.ids import TenantId
from infra.event_store.sealing import MARKS, from_wire, wire_of
from infra.event_store.upcasts import UPCASTS

_encode = msgspec.json.Encoder(order="sorted").encode


class Envelope(msgspec.Struct):
    """The stored body; `data` stays raw until it is asked for."""

    actor: str | None
    causation: str | None
    command: str
    correlation: str
    data: msgspec.Raw
    occurred: datetime | None
    on_behalf_of: str | None
    reason: str | None
    schema: int
    stream: str
    type: str
    version: int


class _Data(msgspec.Struct):
    data: msgspec.Raw
    schema: int
    type: str


class _Command(msgspec.Struct):
    command: str


_envelope = msgspec.json.Decoder(Envelope).decode
_data = msgspec.json.Decoder(_Data).decode
_command = msgspec.json.Decoder(_Command).decode
_made: Mapping[str, Callable[[Any], Event]] = {kind.type: from_wire(kind) for kind in MARKS}
"""How events with personal fields are made of their shape in the log."""


def _decoder(kind: type) -> Callable[[msgspec.Raw], Event]:
    if kind not in MARKS:
        return msgspec.json.Decoder(kind).decode
    shaped: Callable[[msgspec.Raw], Any] = msgspec.json.Decoder(wire_of(kind)).decode
    made = from_wire(kind)
    return lambda data: made(shaped(data))


_types: Mapping[str, Callable[[msgspec.Raw], Event]] = {name: _decoder(kind) for name, kind in EVENT_TYPES.items()}


class UnknownEventType(LookupError):
    """The log holds a type, or a schema version, that this program does not know."""


def schema_of(kind: type) -> int:
    """The schema version that an event class writes; 1 unless it says otherwise."""
    return int(getattr(kind, "schema", 1))


def encode(
    event: Event,
    stream: str,
    version: int,
    *,
    actor: str | None,
    command: str,
    correlation: str,
    causation: str | None = None,
    on_behalf_of: str | None = None,
    reason: str | None = None,
    occurred: datetime | None = None,
) -> bytes:
    """The body of an event: canonical JSON, UTF-8."""
    kind = type(event)
    return _encode(
        Envelope(
            actor,
            causation,
            command,
            correlation,
            msgspec.Raw(_encode(event)),
            occurred,
            on_behalf_of,
            reason,
            schema_of(kind),
            stream,
            kind.type,
            version,
        )
    )


def decode_event(body: bytes) -> Event:
    """Only the event of a body: what a stream's state is folded from."""
    stored = _data(body)
    return _event(stored.type, stored.schema, stored.data)


def command_of(body: bytes) -> str:
    """The id of the command that appended an event, from its body."""
    return _command(body).command


def decode_event_as(body: bytes, name: str) -> Event:
    """What `decode_event` gives, in half the time, for those who know the type's name from its column."""
    try:
        data = _wholes[name](body).data
    except (KeyError, msgspec.ValidationError):
        # an older schema, or something that `decode_event` has words for
        return decode_event(body)
    made = _made.get(name)
    return made(data) if made else data


def decode(
    position: int, tenant: TenantId, seq: int, recorded_at: datetime, body: bytes
) -> tuple[Event, Meta]:
    """An event, and all that the log says of it."""
    stored = _envelope(body)
    event = _event(stored.type, stored.schema, stored.data)
    return event, _meta(stored, stored.type, position, tenant, seq, recorded_at)


def decode_as(
    position: int, tenant: TenantId, seq: int, recorded_at: datetime, body: bytes, name: str
) -> tuple[Event, Meta]:
    """What `decode` gives, in half the time, for those who know the type's name from its column."""
    try:
        stored = _wholes[name](body)
    except (KeyError, msgspec.ValidationError):
        # an older schema, or something that `decode` has words for
        return decode(position, tenant, seq, recorded_at, body)
    made = _made.get(name)
    event = made(stored.data) if made else stored.data
    return event, _meta(stored, name, position, tenant, seq, recorded_at)


def _meta(stored: Any, name: str, position: int, tenant: TenantId, seq: int, recorded_at: datetime) -> Meta:
    return Meta(
        position,
        tenant,
        seq,
        stored.stream,
        stored.version,
        name,
        stored.actor,
        stored.on_behalf_of,
        stored.reason,
        stored.occurred,
        recorded_at,
        stored.command,
        stored.correlation,
        stored.causation,
    )


def _whole(name: str, kind: type) -> Callable[[bytes], Any]:
    """Reads an envelope and its event in one pass, when they are of this type and its newest schema."""
    data = wire_of(kind) if kind in MARKS else kind
    narrower: dict[str, Any] = {"data": data, "schema": Literal[schema_of(kind)], "type": Literal[name]}
    fields = [(f.name, narrower.get(f.name, f.type)) for f in msgspec.structs.fields(Envelope)]
    return msgspec.json.Decoder(msgspec.defstruct("Whole", fields, gc=False)).decode


_wholes: Mapping[str, Callable[[bytes], Any]] = {name: _whole(name, kind) for name, kind in EVENT_TYPES.items()}


def _event(name: str, schema: int, data: msgspec.Raw) -> Event:
    decoder = _types.get(name)
    if decoder is None:
        raise UnknownEventType(f"expected a known event type, but the log holds {name!r}")
    if schema == schema_of(EVENT_TYPES[name]):
        return decoder(data)
    return decoder(msgspec.Raw(_encode(_upcast(name, schema, msgspec.json.decode(data)))))


def _upcast(name: str, schema: int, data: Any) -> Any:
    """Old data in the newest form, one version at a time."""
    while schema < schema_of(EVENT_TYPES[name]):
        try:
            data = UPCASTS[name, schema](data)
        except KeyError:
            raise UnknownEventType(f"expected a way from schema {schema} of {name!r}, but there is none") from None
        schema += 1
    if schema > schema_of(EVENT_TYPES[name]):
        raise UnknownEventType(f"expected at most a known schema of {name!r}, but the log holds {schema}")
    return data
