"""Runs as XES (IEEE 1849): a trace for each run, an event for each of its events."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

from domain.events import Event, Meta
from infra.read_store.tables import once
from services.exports.evidence import instant
from services.exports.flat import Names, Told, told_of

Stream = Sequence[tuple[Event, Meta]]

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000000Z"/>
<string key="lifecycle:transition" value="complete"/>
</global>
<classifier name="Activity" keys="concept:name"/>
"""
LIFECYCLE = {"run.step_ready": "schedule", "run.step_taken": "assign", "run.step_reassigned": "reassign"}
"""Types that say something of a step other than that it is done."""
# XML 1.0 knows no control characters but these three, and no halves of pairs, which the log does not hold either.
UNKNOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SPECIAL = re.compile('[\x00-\x1f&<>"\ufffe\uffff]')
ESCAPED = (
    *(("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")),
    *((one, f"&#{ord(one)};") for one in "\t\n\r"),
)


class Kind(NamedTuple):
    """What every event of a type has in common: attributes with their keys, up to their values."""

    what: str
    lifecycle: str
    type: str
    told: Told
    keys: tuple[str, ...]


class Xes:
    """Writes one run after the other; `close` it, or it is no XML."""

    def __init__(self, file: BinaryIO, names: Names, *, personal: bool) -> None:
        self._file = file
        self._names = names
        self._personal = personal
        file.write(HEAD.encode())

    def __call__(self, stream: Stream, wanted: Stream) -> None:
        """Write a run: it is known from all its events, and those wanted are told."""
        started, meta = stream[0]
        titles = {step.id: step.title for step in started.steps}
        about = [
            _string("concept:name", meta.stream),
            _string("title", started.title),
            _string("procedure", started.procedure),
            _string("department", started.department),
            *([_string("subject", started.subject)] if self._personal else []),
        ]
        events = [self._event(event, one, titles) for event, one in wanted]
        self._file.write(f"<trace>\n{''.join(about)}{''.join(events)}</trace>\n".encode("utf-8", "replace"))

    def close(self) -> None:
        """The end."""
        self._file.write(b"</log>\n")

    def _event(self, event: Event, meta: Meta, titles: dict[str, str]) -> str:
        step = getattr(event, "step", None)
        kind = kind_of(type(event))
        what = f"{_escaped(titles.get(step, step))} · {kind.what}" if step else kind.what
        actor = (self._names.of(meta.actor) if self._personal else None) or meta.actor
        return "".join((
            f'<event>\n<string key="concept:name" value="{what}"/>\n',
            f'<date key="time:timestamp" value="{instant(meta.recorded_at)}"/>\n{kind.lifecycle}',
            f'<int key="seq" value="{meta.seq}"/>\n{kind.type}',
            _string("org:resource", actor) if actor else "",
            _string("reason", meta.reason) if meta.reason is not None else "",
            _date("occurred_at", meta.occurred_at) if meta.occurred_at is not None else "",
            *[
                f'<string{key}{_escaped(value)}"/>\n' if isinstance(value, str) else _scalar(key, value)
                for key, value in zip(kind.keys, kind.told.of(event, personal=self._personal), strict=True)
                if value is not None
            ],
            "</event>\n",
        ))


@once
def kind_of(event_type: Any) -> Kind:
    """What every event of a type has in common."""
    name = event_type.type
    told = told_of(event_type, ("steps",))
    return Kind(
        name.partition(".")[2],
        f'<string key="lifecycle:transition" value="{LIFECYCLE.get(name, "complete")}"/>\n',
        f'<string key="type" value="{name}"/>\n',
        told,
        tuple(f' key="{key}" value="' for key in told.names),
    )


def _scalar(key: str, value: bool | int) -> str:
    if value is True or value is False:
        return f'<boolean{key}{str(value).lower()}"/>\n'
    return f'<int{key}{value}"/>\n'


def _escaped(value: str) -> str:
    if SPECIAL.search(value) is None:
        return value
    for one, entity in ESCAPED:
        value = value.replace(one, entity)
    return UNKNOWN.sub("�", value)


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value="{_escaped(value)}"/>\n'


def _date(key: str, at: datetime) -> str:
    return f'<date key="{key}" value="{instant(at)}"/>\n'
