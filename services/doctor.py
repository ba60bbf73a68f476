"""Looking for what is wrong: the log's order, hashes and columns, the ledger, the read models, roles, settings.

Events are read once, a range of positions at a time: a million of them take less than a minute, and little memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from infra.evidence.alarms import alarms
from infra.read_store.live import connect
from projections.catalogue import PROJECTIONS
from services.checkpointer import connect as signer
from services.doctor_of_keys import Keys, Seen
from services.doctor_of_roles import roles
from services.finding import Finding

MOST_LAG = 10_000
"""Events that a read model may be behind while all counts as well."""
AT_ONCE = 5_000

HEAD = "SELECT coalesce(max(position), 0) FROM events"
EVENTS = """
    SELECT position, tenant_id::text, tenant_seq, stream_id::text, version, type, recorded_at, body,
           leaf_hash = sha256('\\x00'::bytea || log_leaf(body, recorded_at, tenant_seq, tenant_id)) AS fits
    FROM events WHERE position > %s AND position <= %s ORDER BY position
"""
# A command that changed nothing names no event of its own, but how far the log was.
LEDGER = """
    SELECT count(*) FILTER (WHERE e.position IS NULL), count(*) FILTER (
        WHERE position('"events":0,'::bytea IN c.result) = 0 AND (
        (e.tenant_id, e.tenant_seq, e.recorded_at) IS DISTINCT FROM (c.tenant_id, c.last_seq, c.recorded_at)
        OR position(convert_to('"command":"' || c.command_id || '"', 'UTF8') IN e.body) = 0))
    FROM commands c LEFT JOIN events e ON e.position = c.last_position
"""
LAG = """
    SELECT p.name, p.version, (SELECT coalesce(max(position), 0) FROM events) - p.position
    FROM projections p WHERE p.name NOT LIKE '%\\_\\_%' ORDER BY p.name
"""
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")

Progress = Callable[[int, int], None]
"""Hears how many of how many positions were looked at."""


def examine(dsn: str, progress: Progress | None = None) -> list[Finding]:
    """Look at everything; reads the whole log once."""
    with connect(dsn) as connection:
        return [
            *_settings(connection),
            *roles(connection),
            *_log(connection, progress, keys := Keys(connection)).findings(),
            *keys.findings(dsn),
            *_ledger(connection),
            *_read_models(connection),
            *_evidence(dsn),
        ]


def _settings(connection: Connection[Any]) -> list[Finding]:
    found = [(name, _one(connection, f"SELECT current_setting('{name}')")[0]) for name in SETTINGS]
    return [Finding(value == "on", f"{name} is {value}") for name, value in found]


class Said(msgspec.Struct):
    """What a body, which is the evidence, says of itself."""

    stream: str
    type: str
    version: int


_said = msgspec.json.Decoder(Said).decode


@dataclass(slots=True)
class Fault:
    """How many events have it, and which is the first."""

    count: int = 0
    first: int = 0

    def note(self, position: int) -> None:
        """One more."""
        self.first = self.first or position
        self.count += 1

    @property
    def where(self) -> str:
        """The first, when there is one."""
        return f", the first at position {self.first}" if self.count else ""


@dataclass(slots=True)
class Log:
    """What was seen of the log so far."""

    events: int = 0
    head: int = 0
    at: datetime | None = None
    seqs: dict[str, int] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    backwards: Fault = field(default_factory=Fault)
    broken: Fault = field(default_factory=Fault)
    misfits: Fault = field(default_factory=Fault)

    def see(self, event: tuple[Any, ...]) -> bool:
        """The next event by position; whether it is what was appended."""
        position, tenant, seq, stream, version, kind, at, body, fits = event
        self.events += 1
        self.head = position
        if seq != self.seqs.get(tenant, 0) + 1:
            self.gaps.add(tenant)
        self.seqs[tenant] = seq
        if self.at is not None and at < self.at:
            self.backwards.note(position)
        self.at = at
        if not fits:
            self.broken.note(position)
        is_as_said = _is_as_said(stream, kind, version, body)
        if not is_as_said:
            self.misfits.note(position)
        return bool(fits and is_as_said)

    def findings(self) -> Iterator[Finding]:
        """What is to be said of it."""
        whole = self.events == self.head
        yield Finding(whole, f"the log holds {self.events:,} events up to position {self.head:,}")
        yield Finding(not self.gaps, f"{len(self.gaps)} tenants have a gap in their sequence")
        yield _finding(self.backwards, "times go backwards")
        yield _finding(self.broken, "events do not fit their hash")
        yield _finding(self.misfits, "events are filed under a type, stream or version that their body does not say")


def _log(connection: Connection[Any], progress: Progress | None, keys: Keys) -> Log:
    log, head = Log(), _one(connection, HEAD)[0]
    cursor = connection.cursor(binary=True)
    for after in range(0, head, AT_ONCE):
        through = min(after + AT_ONCE, head)
        some = cursor.execute(EVENTS, (after, through), prepare=True).fetchall()
        keys.see([Seen._make((*event[1:6], event[7])) for event in some if log.see(event)])
        if progress:
            progress(through, head)
    return log


def _is_as_said(stream: str, kind: str, version: int, body: bytes) -> bool:
    try:
        said = _said(body)
    except msgspec.MsgspecError:
        return False
    return (said.stream, said.type, said.version) == (stream, kind, version)


def _finding(fault: Fault, what: str) -> Finding:
    return Finding(fault.count == 0, f"{fault.count} {what}{fault.where}")


def _ledger(connection: Connection[Any]) -> list[Finding]:
    lost, other = _one(connection, LEDGER)
    return [
        Finding(lost == 0, f"{lost} commands of the ledger name an event that is not in the log"),
        Finding(other == 0, f"{other} commands of the ledger name an event that is not theirs"),
    ]


def _read_models(connection: Connection[Any]) -> list[Finding]:
    there = {name: (version, lag) for name, version, lag in connection.execute(LAG).fetchall()}
    return [_read_model(p.name, p.version, *there.get(p.name, (None, 0))) for p in PROJECTIONS]


def _read_model(name: str, ours: int, version: int | None, lag: int) -> Finding:
    if version is None:
        return Finding(False, f"read model {name} has no row in projections: ashiato rebuild {name} makes it anew")
    if version != ours:
        return Finding(False, f"read model {name} is of version {version}, not {ours}: ashiato rebuild {name}")
    return Finding(lag <= MOST_LAG, f"read model {name} is of version {version}, {lag:,} events behind")


def _evidence(dsn: str) -> list[Finding]:
    with signer(dsn) as connection:
        found = alarms(connection)
    kinds = ", ".join(sorted({one.kind for one in found}))
    return [Finding(not found, f"{len(found)} alarms about evidence are open" + (f": {kinds}" if kinds else ""))]


def _one(connection: Connection[Any], sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    return row or ()
