"""Runs as XES (IEEE 1849): a trace for each run, an event for each of its events."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from domain.events import Event, Meta
from services.exports.evidence import instant
from services.exports.flat import Names, told_of

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
ESCAPED = {
    **dict.fromkeys((*range(32), 65534, 65535), "�"),
    **{ord(one): f"&#{ord(one)};" for one in "\t\n\r"},
    **str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}),
}
SPECIAL = re.compile(r'[\x00-\x1f&<>"\ufffe\uffff]')


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
        what = meta.type.partition(".")[2]
        actor = (self._names.of(meta.actor) if self._personal else None) or meta.actor
        told = told_of(type(event), without=("steps",)).of(event, personal=self._personal)
        return "".join((
            "<event>\n",
            _string("concept:name", f"{titles.get(step, step)} · {what}" if step else what),
            _date("time:timestamp", meta.recorded_at),
            f'<string key="lifecycle:transition" value="{LIFECYCLE.get(meta.type, "complete")}"/>\n',
            f'<int key="seq" value="{meta.seq}"/>\n<string key="type" value="{meta.type}"/>\n',
            _string("org:resource", actor) if actor else "",
            _string("reason", meta.reason) if meta.reason is not None else "",
            _date("occurred_at", meta.occurred_at) if meta.occurred_at is not None else "",
            *[_attribute(name, value) for name, value in told],
            "</event>\n",
        ))


def _attribute(key: str, value: str | int) -> str:
    if isinstance(value, str):
        return _string(key, value)
    if value is True or value is False:
        return f'<boolean key="{key}" value="{str(value).lower()}"/>\n'
    return f'<int key="{key}" value="{value}"/>\n'


def _string(key: str, value: str) -> str:
    text = value.translate(ESCAPED) if SPECIAL.search(value) else value
    return f'<string key="{key}" value="{text}"/>\n'


def _date(key: str, at: datetime) -> str:
    return f'<date key="{key}" value="{instant(at)}"/>\n'
