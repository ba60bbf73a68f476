"""Runs as XES (IEEE 1849): a trace for each run, an event for each of its events."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from domain.events import Event, Meta
from services.exports.evidence import instant
from services.exports.flat import Names, attributes, shown

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
        lines = [
            "<event>\n",
            _string("concept:name", f"{titles.get(step, step)} · {what}" if step else what),
            _date("time:timestamp", meta.recorded_at),
            _string("lifecycle:transition", LIFECYCLE.get(meta.type, "complete")),
            f'<int key="seq" value="{meta.seq}"/>\n',
            _string("type", meta.type),
        ]
        if meta.actor:
            name = self._names.of(meta.actor) if self._personal else None
            lines.append(_string("org:resource", name or meta.actor))
        if meta.reason is not None:
            lines.append(_string("reason", meta.reason))
        if meta.occurred_at is not None:
            lines.append(_date("occurred_at", meta.occurred_at))
        for attribute in attributes(type(event)):
            if attribute.name != "steps" and (self._personal or not attribute.personal):
                value = getattr(event, attribute.name)
                if value is not None:
                    lines.append(_attribute(attribute.name, shown(value)))
        lines.append("</event>\n")
        return "".join(lines)


def _attribute(key: str, value: object) -> str:
    if isinstance(value, str):
        return _string(key, value)
    if value is True or value is False:
        return f'<boolean key="{key}" value="{str(value).lower()}"/>\n'
    if isinstance(value, int):
        return f'<int key="{key}" value="{value}"/>\n'
    return _string(key, str(value))


def _string(key: str, value: str) -> str:
    text = value.translate(ESCAPED) if SPECIAL.search(value) else value
    return f'<string key="{key}" value="{text}"/>\n'


def _date(key: str, at: datetime) -> str:
    return f'<date key="{key}" value="{instant(at)}"/>\n'
