"""The log as object-centric events (OCEL 2.0): events touch runs, members, procedures and the company.

https://www.ocel-standard.org/2.0/ocel20_specification.pdf. Ids are unique over all types, every reference leads to an
object that is there, types and their attributes are declared, times have their zone.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from domain.events import EVENT_TYPES, Event, Meta
from domain.runs import events as r
from domain.services import SERVICES
from infra.read_store.tables import once
from services.exports.evidence import instant
from services.exports.flat import NAMED, Told, attributes, told_of

EVENT_COMMON = (("seq", "integer"), ("reason", "string"), ("occurred_at", "time"))
"""Attributes of every event beside those of its type."""
COMMON = tuple(name for name, _ in EVENT_COMMON)
OBJECT_TYPES: dict[str, tuple[tuple[str, str], ...]] = {
    "company": (("name", "string"),),
    "member": (("name", "string"),),
    "service": (("name", "string"),),
    "procedure": (("title", "string"),),
    "run": (
        ("title", "string"),
        ("subject", "string"),
        ("department", "string"),
        ("confidential", "boolean"),
        ("status", "string"),
    ),
}
PEOPLE = ("member", "assignee", "by", "starter")
"""Fields that name a member; the field is the qualifier."""
NAME_THE_NEW: dict[Any, tuple[str, ...]] = {r.StepReassigned: ("old", "new")}
STATUS = {r.RunStarted: "open", r.RunCompleted: "completed", r.RunCancelled: "cancelled"}
OPENED_AGAIN = (r.StepReopened, r.StepSentBack, r.StepRejected)


class OcelEvent(NamedTuple):
    """An event: the values of its type's attributes, and (object, qualifier) for each object that it touches."""

    id: str
    type: str
    time: str
    values: list[Any]
    relations: list[tuple[str, str]]


class OcelObject(NamedTuple):
    """An object: what its attributes became and when, and (object, qualifier) of objects that it belongs to."""

    id: str
    type: str
    changes: list[tuple[str, str, Any]]
    relations: list[tuple[str, str]]


class Kind(NamedTuple):
    """What is to be known of an event type: attributes beside the common ones, and the fields that name people."""

    told: Told
    people: tuple[str, ...]


@once
def kind_of(kind: Any) -> Kind:
    """What is to be known of an event class."""
    named = tuple(a.name for a in attributes(kind) if a.name in PEOPLE)
    return Kind(told_of(kind, COMMON), named + NAME_THE_NEW.get(kind, ()))


def event_types() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Every event type with its attributes and their types."""
    for name, kind in EVENT_TYPES.items():
        yield name, [*EVENT_COMMON, *((a.name, a.kind) for a in attributes(kind) if a.name not in COMMON)]


class Objects:
    """The objects that are few: the company, its members, services and procedures. Runs are told one by one."""

    def __init__(self, tenant: str, *, personal: bool) -> None:
        self._personal = personal
        self._objects: dict[str, OcelObject] = {tenant: OcelObject(tenant, "company", [], [])}
        self._tenant = tenant

    def event(self, event: Event, meta: Meta) -> OcelEvent:
        """An event as OCEL tells it; what it names is there from now on."""
        at = instant(meta.recorded_at)
        kind = kind_of(type(event))
        occurred = None if meta.occurred_at is None else instant(meta.occurred_at)
        values = [meta.seq, meta.reason, occurred, *kind.told.of(event, personal=self._personal)]
        return OcelEvent(f"event-{meta.seq}", meta.type, at, values, self._touched(event, meta, kind, at))

    def run(self, stream: Sequence[tuple[Event, Meta]]) -> OcelObject:
        """A run from all its events."""
        started, meta = stream[0]
        at = instant(meta.recorded_at)
        first = [("title", started.title), ("department", started.department), ("confidential", started.confidential)]
        changes = [(name, at, value) for name, value in first]
        if self._personal:
            changes.append(("subject", at, started.subject))
        status = ""
        for event, one in stream:
            new = "open" if type(event) in OPENED_AGAIN else STATUS.get(type(event), status)
            if new != status:
                changes.append(("status", instant(one.recorded_at), new))
                status = new
        self._need(started.procedure, "procedure", [("title", at, started.title)])
        return OcelObject(meta.stream, "run", changes, [(started.procedure, "follows")])

    def few(self) -> Iterator[OcelObject]:
        """All but the runs."""
        yield from self._objects.values()

    def _touched(self, event: Event, meta: Meta, kind: Kind, at: str) -> list[tuple[str, str]]:
        """The objects that an event touches, each qualifier once."""
        touched = [(meta.stream, "run")] if meta.type.startswith("run.") else [self._about(event, meta, at)]
        for member, qualifier in ((meta.actor, "actor"), (meta.on_behalf_of, "on_behalf_of")):
            if member:
                touched.append((self._someone(member, at), qualifier))
        for name in kind.people:
            member = getattr(event, name)
            if member:
                touched.append((self._someone(member, at), name))
        if type(event) is r.RunStarted:
            self._need(event.procedure, "procedure", [("title", at, event.title)])
            touched.append((event.procedure, "procedure"))
        if meta.type in NAMED and self._personal:
            self._change(event.member, ("name", at, event.name))
        return touched

    def _about(self, event: Event, meta: Meta, at: str) -> tuple[str, str]:
        """What an event is about that is about no run: a procedure, or the company."""
        if meta.type.startswith("procedure."):
            definition = getattr(event, "definition", None)
            self._need(meta.stream, "procedure", [("title", at, definition.title)] if definition else [])
            return meta.stream, "procedure"
        if meta.type == "tenant.signed_up":
            self._change(self._tenant, ("name", at, event.name))
        return self._tenant, "company"

    def _someone(self, member: str, at: str) -> str:
        if member in self._objects:
            return member
        service = SERVICES.get(member)
        self._need(member, "service" if service else "member", [("name", at, service.english)] if service else [])
        return member

    def _need(self, name: str, kind: str, changes: list[tuple[str, str, Any]]) -> None:
        if name not in self._objects:
            self._objects[name] = OcelObject(name, kind, changes, [])

    def _change(self, name: str, change: tuple[str, str, Any]) -> None:
        self._objects[name].changes.append(change)
