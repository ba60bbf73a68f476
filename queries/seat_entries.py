"""The seat ledger's entries: who took or gave back a seat, when, and the event that says why."""

from dataclasses import dataclass
from datetime import UTC, datetime

from queries.asking import Ask, AsOf, Question
from queries.seat_standing import STANDING

# An entry whose invitation ran out and that no event has followed yet is made here as it will be written.
LINES = f"""
SELECT * FROM (
    WITH {STANDING}, line AS (
        (SELECT no, effective_at, member_id, was, kind, cause, cause_seq, held, invited, expires_at
         FROM seat_entry
         WHERE tenant_id = %(tenant)s AND effective_at >= %(since)s::timestamptz
           AND effective_at < %(until)s::timestamptz AND effective_at <= %(at)s::timestamptz
           AND no > %(after)s::bigint AND (%(member)s::uuid IS NULL OR member_id = %(member)s::uuid)
         ORDER BY effective_at, no LIMIT %(limit)s)
        UNION ALL
        SELECT last.no + nth, at, member_id, 'invited', NULL, 'tenant.invitation_expired', invited_seq,
               (last.held - nth)::int, (last.invited - nth)::int, NULL
        FROM ran_out, last
        WHERE at >= %(since)s::timestamptz AND at < %(until)s::timestamptz AND last.no + nth > %(after)s::bigint
          AND (%(member)s::uuid IS NULL OR member_id = %(member)s::uuid)
    )
    SELECT l.no, l.effective_at AS at, l.member_id, m.name AS member_name,
           (l.kind IS NOT NULL)::int - (l.was IS NOT NULL)::int AS change, l.was, l.kind, l.cause,
           l.cause_seq AS seq, t.recorded_at, t.actor, a.name AS actor_name, t.on_behalf_of,
           b.name AS on_behalf_of_name, t.reason, t.old ->> 'permission' AS old_permission,
           t.new ->> 'permission' AS new_permission, l.expires_at, n.seq AS noted_seq, l.held, l.invited
    FROM line l
    LEFT JOIN trail_entry t ON t.tenant_id = %(tenant)s AND t.seq = l.cause_seq
    LEFT JOIN seat_noted n ON n.tenant_id = %(tenant)s AND n.member_id = l.member_id
         AND l.cause = 'tenant.invitation_expired' AND n.seq <> l.cause_seq
    LEFT JOIN person m ON m.tenant_id = %(tenant)s AND m.member_id = l.member_id
    LEFT JOIN person a ON a.tenant_id = %(tenant)s AND a.member_id = t.actor
    LEFT JOIN person b ON b.tenant_id = %(tenant)s AND b.member_id = t.on_behalf_of
    ORDER BY l.no LIMIT %(limit)s
) entries
"""


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One entry: at `at` a seat was taken (`change` 1), given back (-1), or held in another way (0).

    `was` and `kind` are how it was held before and after. `seq` is the event that says who did it and why; its type
    is `cause`, except for an invitation that ran out: there it is the invitation's, and `noted_seq` is the event that
    noted it, if there is one yet. `held` and `invited` are the company's seats after the entry.
    """

    no: int
    at: datetime
    member_id: str
    member_name: str | None
    change: int
    was: str | None
    kind: str | None
    cause: str
    seq: int
    recorded_at: datetime | None
    actor: str | None
    actor_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    reason: str | None
    old_permission: str | None
    new_permission: str | None
    expires_at: datetime | None
    noted_seq: int | None
    held: int
    invited: int

    @property
    def after(self) -> tuple[datetime, int]:
        """Where the next page begins."""
        return self.at, self.no


READS, LABELS = ("seat_entry", "seat_noted", "trail_entry"), ("person",)
QUESTION = Question(LINES, SeatLine, READS, LABELS)
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)


async def seat_entries(
    ask: Ask,
    tenant: str,
    *,
    at: datetime,
    since: datetime = FIRST,
    until: datetime = LAST,
    member: str | None = None,
    limit: int = 100,
    after: tuple[datetime, int] | None = None,
    as_of: AsOf | None = None,
) -> list[SeatLine]:
    """At most `limit` entries from `since` to `until` (exclusive) beyond `after`, as far as they had come at `at`."""
    beyond, no = after or (FIRST, 0)
    given = {"at": at, "since": max(since, beyond), "until": until, "after": no, "limit": limit, "member": member}
    return await ask(QUESTION, tenant, given, as_of=as_of)
