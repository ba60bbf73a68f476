"""One command's call of the `append` function, from the library's stored events."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent

from infra.ids import uuid7

APPEND = """
    SELECT verdict, last_seq FROM append(
        %(tenant)s::uuid[], %(command)s::uuid[], %(hash)s::bytea[], %(result)s::bytea[], NULL,
        %(seen_by)s::int[], %(seen)s::uuid[], %(seen_at)s::int[], %(writes)s::boolean[],
        %(by)s::int[], %(streams)s::uuid[], %(versions)s::int[], %(types)s::text[], %(bodies)s::bytea[])
"""


@dataclass(frozen=True, slots=True)
class OneAppend:
    """The arguments of `append` for a single command; `named` when others may have sent the command."""

    parameters: Mapping[str, Any]
    events: int
    named: bool

    @classmethod
    def of(
        cls,
        tenant: UUID,
        events: Sequence[StoredEvent],
        *,
        command_id: str | None = None,
        is_new_id: bool = False,
        request_hash: bytes = b"",
        result: bytes | None = None,
        seen: Mapping[str, int] | None = None,
    ) -> "OneAppend":
        """IntegrityError when the events of a stream do not follow each other.

        `is_new_id` says that nobody else can know `command_id`: the ledger can then only have it from us.
        """
        written = _versions_before(events)
        looked = {UUID(stream): version for stream, version in (seen or {}).items()} | written
        parameters = {
            "tenant": [tenant],
            "command": [UUID(command_id or uuid7())],
            "hash": [request_hash],
            "result": [_result(events) if result is None else result],
            "seen_by": [1] * len(looked),
            "seen": list(looked),
            "seen_at": list(looked.values()),
            "writes": [stream in written for stream in looked],
            "by": [1] * len(events),
            "streams": [_id(event) for event in events],
            "versions": [event.originator_version for event in events],
            "types": [event.topic for event in events],
            "bodies": [event.state for event in events],
        }
        return cls(parameters, len(events), command_id is not None and not is_new_id)


def _versions_before(events: Iterable[StoredEvent]) -> dict[UUID, int]:
    """Each written stream's version before these events. The library may begin at 0, which is before 1 to us."""
    before: dict[UUID, int] = {}
    last: dict[UUID, int] = {}
    for event in events:
        stream, version = _id(event), event.originator_version
        before.setdefault(stream, max(version - 1, 0))
        if version != last.get(stream, version - 1) + 1:
            raise IntegrityError(f"expected version {last[stream] + 1} of {stream}, but got {version}")
        last[stream] = version
    return before


def _result(events: Sequence[StoredEvent]) -> bytes:
    """The ledger's answer: the stream written first, and its version now."""
    stream = _id(events[0])
    version = max(event.originator_version for event in events if _id(event) == stream)
    return json.dumps({"stream": str(stream), "version": version}).encode()


def _id(event: StoredEvent) -> UUID:
    return event.originator_id if isinstance(event.originator_id, UUID) else UUID(event.originator_id)
