"""The audit trail: who did what, for whom, when and why, with the names that ids went by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.asking import Ask, AsOf, Question

ENTRIES = """
SELECT t.seq, t.recorded_at, t.occurred_at, t.type, t.stream_kind, t.stream_id, t.about_id, t.version, t.actor,
       a.name AS actor_name, t.on_behalf_of, b.name AS on_behalf_of_name, t.reason, t.step_id,
       s.title AS step_title, z.title AS to_title, t.member_id, m.name AS member_name, t.old, t.new,
       coalesce(r.title, c.title) AS stream_title, r.subject,
       coalesce(r.procedure_id, c.procedure_id) AS procedure_id, r.procedure_version,
       coalesce(r.confidential, c.confidential, false) AS confidential,
       t.command_id, t.correlation
FROM trail_entry t
LEFT JOIN person a ON a.tenant_id = t.tenant_id AND a.member_id = t.actor
LEFT JOIN person b ON b.tenant_id = t.tenant_id AND b.member_id = t.on_behalf_of
LEFT JOIN person m ON m.tenant_id = t.tenant_id AND m.member_id = t.member_id
LEFT JOIN run_progress r ON r.tenant_id = t.tenant_id AND r.run_id = t.about_id
LEFT JOIN procedure_card c ON c.tenant_id = t.tenant_id AND c.procedure_id = t.about_id
LEFT JOIN step_progress s ON s.tenant_id = t.tenant_id AND s.run_id = t.stream_id AND s.step_id = t.step_id
LEFT JOIN step_progress z ON z.tenant_id = t.tenant_id AND z.run_id = t.stream_id AND z.step_id = t.new ->> 'to'
WHERE t.tenant_id = %(tenant)s
  AND (%(stream)s::uuid IS NULL OR t.about_id = %(stream)s::uuid)
  AND (%(actor)s::uuid IS NULL OR t.actor = %(actor)s::uuid)
  AND (%(member)s::uuid IS NULL OR t.member_id = %(member)s::uuid OR t.on_behalf_of = %(member)s::uuid)
  AND (%(types)s::text[] IS NULL OR t.type = ANY (%(types)s::text[]))
  AND (%(step)s::text IS NULL OR t.step_id = %(step)s::text)
  AND (%(since)s::timestamptz IS NULL OR t.recorded_at >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR t.recorded_at < %(until)s::timestamptz)
  AND (%(reason)s::text IS NULL OR position(lower(%(reason)s::text) IN lower(t.reason)) > 0)
"""
OLDEST_FIRST = ENTRIES + "AND (%(after)s::bigint IS NULL OR t.seq > %(after)s::bigint) ORDER BY t.seq LIMIT %(limit)s"
NEWEST_FIRST = (
    ENTRIES + "AND (%(after)s::bigint IS NULL OR t.seq < %(after)s::bigint) ORDER BY t.seq DESC LIMIT %(limit)s"
)


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One event. `old` and `new` hold what changed; names and titles are None when unknown.

    `about_id` is the run, procedure or company it is about: its stream, or that of the command that was refused.
    `to_title` is the step that work was sent back to. `subject`, and the procedure's version, are a run's.
    """

    seq: int
    recorded_at: datetime
    occurred_at: datetime | None
    type: str
    stream_kind: str
    stream_id: str
    about_id: str
    version: int
    actor: str | None
    actor_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    reason: str | None
    step_id: str | None
    step_title: str | None
    to_title: str | None
    member_id: str | None
    member_name: str | None
    old: Any
    new: Any
    stream_title: str | None
    subject: str | None
    procedure_id: str | None
    procedure_version: int | None
    confidential: bool
    command_id: str
    correlation: str


# A procedure's title can change, so it is that of then. A member's name, a run's title and subject, and the titles
# of its steps never do.
READS = ("trail_entry", "procedure_card")
LABELS = ("person", "run_progress", "step_progress")
UPWARD = Question(OLDEST_FIRST, TrailRow, READS, LABELS)
DOWNWARD = Question(NEWEST_FIRST, TrailRow, READS, LABELS)


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries; None is any. `member` is whom it was about or on whose behalf; `until` is exclusive.

    `reason` is text that the reason holds, whatever the case; `stream` is a run, a procedure or the tenant, with the
    commands on it that were refused.
    """

    stream: str | None = None
    actor: str | None = None
    member: str | None = None
    types: Sequence[str] | None = None
    step: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    reason: str | None = None


ANY = TrailFilter()


async def trail(
    ask: Ask,
    tenant: str,
    *,
    where: TrailFilter = ANY,
    newest_first: bool = True,
    limit: int = 100,
    after: int | None = None,
    as_of: AsOf | None = None,
) -> list[TrailRow]:
    """At most `limit` entries beyond the sequence `after`, in the direction asked for."""
    parameters = {
        "stream": where.stream,
        "actor": where.actor,
        "member": where.member,
        "types": list(where.types) if where.types is not None else None,
        "step": where.step,
        "since": where.since,
        "until": where.until,
        "reason": where.reason,
        "limit": limit,
        "after": after,
    }
    return await ask(DOWNWARD if newest_first else UPWARD, tenant, parameters, as_of=as_of, stream=where.stream)
