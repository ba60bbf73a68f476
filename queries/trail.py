"""The audit trail: who did what, for whom, when and why, with the names that ids went by then."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from queries.asking import Ask, AsOf, Question

COLUMNS = """
SELECT t.seq, t.recorded_at, t.occurred_at, t.type, t.stream_kind, t.stream_id, t.about_id, t.version, t.actor,
       a.name AS actor_name, t.on_behalf_of, b.name AS on_behalf_of_name, t.reason, t.step_id,
       s.title AS step_title, z.title AS to_title, t.member_id, m.name AS member_name, t.old, t.new,
       coalesce(r.title, c.title) AS stream_title, r.subject,
       coalesce(r.procedure_id, c.procedure_id) AS procedure_id, r.procedure_version,
       coalesce(r.confidential, c.confidential, false) AS confidential,
       t.command_id, t.correlation, t.causation
FROM trail_entry t
LEFT JOIN person a ON a.tenant_id = t.tenant_id AND a.member_id = t.actor
LEFT JOIN person b ON b.tenant_id = t.tenant_id AND b.member_id = t.on_behalf_of
LEFT JOIN person m ON m.tenant_id = t.tenant_id AND m.member_id = t.member_id
LEFT JOIN run_progress r ON r.tenant_id = t.tenant_id AND r.run_id = t.about_id
LEFT JOIN procedure_card c ON c.tenant_id = t.tenant_id AND c.procedure_id = t.about_id
LEFT JOIN step_progress s ON s.tenant_id = t.tenant_id AND s.run_id = t.stream_id AND s.step_id = t.step_id
LEFT JOIN step_progress z ON z.tenant_id = t.tenant_id AND z.run_id = t.stream_id AND z.step_id = t.new ->> 'to'
WHERE t.tenant_id = %(tenant)s
"""
"""An entry with its names; what follows are conditions on `t` and on what is joined."""

FITS = """
  AND (%(stream)s::uuid IS NULL OR t.about_id = %(stream)s::uuid)
  AND (%(actor)s::uuid IS NULL OR t.actor = %(actor)s::uuid)
  AND (%(on_behalf_of)s::uuid IS NULL OR t.on_behalf_of = %(on_behalf_of)s::uuid)
  AND (%(member)s::uuid IS NULL OR t.member_id = %(member)s::uuid OR t.on_behalf_of = %(member)s::uuid)
  AND (%(types)s::text[] IS NULL OR t.type = ANY (%(types)s::text[]))
  AND (%(step)s::text IS NULL OR t.step_id = %(step)s::text)
  AND (%(command)s::uuid IS NULL OR t.command_id = %(command)s::uuid)
  AND (%(correlation)s::uuid IS NULL OR t.correlation = %(correlation)s::uuid)
  AND (%(since)s::timestamptz IS NULL OR t.recorded_at >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR t.recorded_at < %(until)s::timestamptz)
  AND (%(occurred_since)s::timestamptz IS NULL
       OR coalesce(t.occurred_at, t.recorded_at) >= %(occurred_since)s::timestamptz)
  AND (%(occurred_until)s::timestamptz IS NULL
       OR coalesce(t.occurred_at, t.recorded_at) < %(occurred_until)s::timestamptz)
  AND (%(late_days)s::int IS NULL OR t.recorded_at - t.occurred_at >= make_interval(hours => 24 * %(late_days)s::int))
  AND (%(reason)s::text IS NULL OR position(lower(%(reason)s::text) IN lower(t.reason)) > 0)
  AND (%(procedure)s::uuid IS NULL OR coalesce(r.procedure_id, c.procedure_id) = %(procedure)s::uuid)
  AND (%(department)s::text IS NULL OR coalesce(r.department, c.department) = %(department)s::text)
  AND (%(subject)s::text IS NULL OR position(lower(%(subject)s::text) IN lower(r.subject)) > 0)
  AND (%(text)s::text IS NULL OR position(lower(%(text)s::text) IN lower(concat_ws(E'\\n', t.reason, r.subject,
       coalesce(r.title, c.title), s.title, a.name, b.name, m.name, t.old::text, t.new::text))) > 0)
  AND t.seq BETWEEN %(least)s::bigint AND %(most)s::bigint
"""
OLDEST_FIRST = COLUMNS + FITS + "ORDER BY t.seq LIMIT %(limit)s"
NEWEST_FIRST = COLUMNS + FITS + "ORDER BY t.seq DESC LIMIT %(limit)s"
LAST = "SELECT coalesce(max(seq), 0) AS seq FROM trail_entry WHERE tenant_id = %(tenant)s"


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One event. `old` and `new` hold what changed; names and titles are None when unknown.

    `about_id` is the run, procedure or company it is about: its stream, or that of the command that was refused.
    `to_title` is the step that work was sent back to. `subject`, and the procedure's version, are a run's.
    `causation` is the command that this event's command followed from.
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
    causation: str | None


@dataclass(frozen=True, slots=True)
class LastRow:
    """The last sequence there is."""

    seq: int


# A procedure's title can change, so it is that of then. A member's name, a run's title and subject, and the titles
# of its steps never do.
READS = ("trail_entry", "procedure_card")
LABELS = ("person", "run_progress", "step_progress")
UPWARD = Question(OLDEST_FIRST, TrailRow, READS, LABELS)
DOWNWARD = Question(NEWEST_FIRST, TrailRow, READS, LABELS)
LAST_SEQ = Question(LAST, LastRow, ("trail_entry",))

MOST_LOOKED_AT = 100_000
"""Entries that one search looks at when nothing leads it to those that fit: the next goes on behind them."""
LAST_OF_ALL = 2**62


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries, all of it together; None is any. Instants named `until` are exclusive, sequences inclusive.

    `member` is whom it was about or on whose behalf; `reason`, `subject` and `text` are parts, whatever the case:
    `text` of the reason, the subject, titles, names, and old and new values. `stream` is a run, a procedure or the
    tenant, with the commands on it that were refused. What has no time of its own occurred when it was recorded;
    `late_days` leaves what was recorded so many times 24 hours, or more, after it occurred.
    """

    stream: str | None = None
    actor: str | None = None
    member: str | None = None
    types: Sequence[str] | None = None
    step: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    reason: str | None = None
    on_behalf_of: str | None = None
    procedure: str | None = None
    department: str | None = None
    subject: str | None = None
    text: str | None = None
    occurred_since: datetime | None = None
    occurred_until: datetime | None = None
    first: int | None = None
    last: int | None = None
    command: str | None = None
    correlation: str | None = None
    late_days: int | None = None

    @property
    def leads(self) -> bool:
        """True when an index leads to what fits, or when everything does."""
        return self.stream is not None or self.actor is not None or self == ANY


ANY = TrailFilter()


class Found(NamedTuple):
    """Entries that fit; `looked` is the sequence through which everything was looked at, None when that is all.

    `last` is the last sequence there was then.
    """

    entries: list[TrailRow]
    looked: int | None
    last: int


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
    """At most `limit` entries beyond the sequence `after`, in the direction asked for, however many do not fit."""
    least, most = where.first or 0, LAST_OF_ALL if where.last is None else where.last
    if after is not None:
        least, most = (least, min(most, after - 1)) if newest_first else (max(least, after + 1), most)
    return await _between(ask, tenant, where, least, most, newest_first, limit, as_of)


async def search(
    ask: Ask,
    tenant: str,
    *,
    where: TrailFilter = ANY,
    newest_first: bool = True,
    limit: int = 100,
    after: int | None = None,
    as_of: AsOf | None = None,
    window: int = MOST_LOOKED_AT,
) -> Found:
    """What `trail` gives, but a search that nothing leads looks at `window` entries at most, so it takes no longer.

    `looked` is where the next page begins, also behind a page on which nothing fits.
    """
    [last] = await ask(LAST_SEQ, tenant, {}, as_of=as_of)
    least, most = max(where.first or 1, 1), last.seq if where.last is None else min(where.last, last.seq)
    if after is not None:
        least, most = (least, min(most, after - 1)) if newest_first else (max(least, after + 1), most)
    begin, end = least, most
    if not where.leads and newest_first:
        begin = max(least, most - window + 1)
    elif not where.leads:
        end = min(most, least + window - 1)
    if begin > end:
        return Found([], None, last.seq)
    found = await _between(ask, tenant, where, begin, end, newest_first, limit, as_of)
    to, all_of_it = (begin, least) if newest_first else (end, most)
    looked = found[-1].seq if len(found) == limit else to
    return Found(found, None if looked == all_of_it else looked, last.seq)


async def _between(
    ask: Ask,
    tenant: str,
    where: TrailFilter,
    least: int,
    most: int,
    newest_first: bool,
    limit: int,
    as_of: AsOf | None,
) -> list[TrailRow]:
    types = list(where.types) if where.types is not None else None
    parameters = {**asdict(where), "types": types, "least": least, "most": most, "limit": limit}
    return await ask(DOWNWARD if newest_first else UPWARD, tenant, parameters, as_of=as_of, stream=where.stream)
