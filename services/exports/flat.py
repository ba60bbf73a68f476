"""Events as flat records, for tables and process mining: names of people as they went by then, old and new values."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple, get_type_hints

import msgspec

from domain.events import Event, Meta
from domain.personal import personal_fields
from domain.services import SERVICES
from infra.read_store.tables import once
from projections.trail import CHANGES, Change

json_text = msgspec.json.Encoder(order="deterministic").encode
SCALARS = frozenset({str, bool, int, type(None)})
NAMED = ("tenant.member_joined", "tenant.member_invited", "tenant.member_provisioned", "tenant.member_renamed")
"""Types that say how a member is called."""


class Flat(NamedTuple):
    """One event. `old` and `new` are what changed, `data` all that it says; None where there is nothing."""

    seq: int
    recorded_at: datetime
    occurred_at: datetime | None
    type: str
    stream_kind: str
    stream: str
    version: int
    actor: str | None
    actor_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    reason: str | None
    step: str | None
    member: str | None
    old: str | None
    new: str | None
    data: str
    command: str
    correlation: str
    causation: str | None


COLUMNS = Flat._fields


Read = Callable[[Event], tuple[Any, ...]]


class Attribute(NamedTuple):
    """A field of an event's data: its name, whether it is personal, and how it is shown to process mining."""

    name: str
    personal: bool
    kind: str


class Told(NamedTuple):
    """How an event type's attributes are read all at once: their names, which are personal, and what reads them."""

    names: tuple[str, ...]
    personal: tuple[bool, ...]
    read: Read

    def of(self, event: Event, *, personal: bool) -> list[Any]:
        """Their values, as process mining is shown them; None for what has none, and without `personal` for what is."""
        values = self.read(event)
        if not personal:
            values = tuple(None if hidden else value for value, hidden in zip(values, self.personal, strict=True))
        return [value if type(value) in SCALARS else shown(value) for value in values]


class Names:
    """How people are called, as far as the events that were seen say."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {service.id: service.english for service in SERVICES.values()}

    def see(self, event: Event, meta: Meta) -> None:
        """Learn from an event."""
        if meta.type in NAMED:
            self._names[event.member] = event.name

    def of(self, member: str | None) -> str | None:
        """A name, None for nobody and for those who are unknown."""
        return self._names.get(member) if member else None


def flat(event: Event, meta: Meta, names: Names, *, personal: bool) -> Flat:
    """An event as a record; without `personal` data is left out of it, and so are names."""
    change: Change = CHANGES[type(event)](event)
    return Flat(
        meta.seq,
        meta.recorded_at,
        meta.occurred_at,
        meta.type,
        meta.type.partition(".")[0],
        meta.stream,
        meta.version,
        meta.actor,
        names.of(meta.actor) if personal else None,
        meta.on_behalf_of,
        names.of(meta.on_behalf_of) if personal else None,
        meta.reason,
        change.step,
        change.member,
        _text(change.old),
        _text(change.new),
        json_text(event if personal else without_personal(event)).decode(),
        meta.command,
        meta.correlation,
        meta.causation,
    )


def without_personal(event: Event) -> dict[str, Any]:
    """What an event says, but for what is personal."""
    return {a.name: getattr(event, a.name) for a in attributes(type(event)) if not a.personal}


@once
def attributes(kind: Any) -> tuple[Attribute, ...]:
    """The fields of an event type, in order."""
    marked, hints = personal_fields(kind), get_type_hints(kind)
    return tuple(Attribute(f.name, f.name in marked, _kind(hints[f.name])) for f in fields(kind))


@once
def told_of(kind: Any, without: tuple[str, ...]) -> Told:
    """How the attributes of an event type are read, but for some."""
    found = [a for a in attributes(kind) if a.name not in without]
    names = tuple(a.name for a in found)
    return Told(names, tuple(a.personal for a in found), _read(names))


def _read(names: tuple[str, ...]) -> Read:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda event: tuple(getattr(event, name) for name in names)


def shown(value: Any) -> Any:
    """An attribute's value for process mining: scalars as they are, anything else as JSON; None is left out."""
    if type(value) in SCALARS:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return json_text(value).decode()


def _kind(hint: Any) -> str:
    """string, integer or boolean: dates are texts, since they have no zone."""
    for kind, name in ((bool, "boolean"), (int, "integer")):
        if hint in (kind, kind | None):
            return name
    return "string"


def _text(value: Any) -> str | None:
    return None if value is None else json_text(value).decode()
