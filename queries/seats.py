"""Seat usage: the limit, who holds a seat and why, and a month's peak and seat-days."""

from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question
from queries.seat_ledger import seat_ledger
from queries.seat_standing import STANDING

USAGE = f"""
SELECT * FROM (
    WITH {STANDING}
    SELECT l.plan, l.seats AS limit, l.seq AS limit_seq, l.from_at AS limit_since, l.ends_at AS trial_ends_at,
           coalesce(h.held, 0) - r.out AS held, coalesce(h.held - h.invited, 0) AS active,
           coalesce(h.invited, 0) - r.out AS invited
    FROM (SELECT * FROM seat_limit WHERE tenant_id = %(tenant)s AND from_at <= %(at)s::timestamptz
          ORDER BY seq DESC LIMIT 1) l
    LEFT JOIN last h ON true
    CROSS JOIN (SELECT count(*) AS out FROM ran_out) r
) usage
"""

# Who holds a seat by now, and of an instant gone by those whose seats ended, or went on in another way, since then.
HOLDERS = """
SELECT e.member_id, p.name, e.kind, e.effective_at AS since, e.cause_seq AS since_seq, e.cause AS since_type,
       e.expires_at
FROM (
    SELECT since_no FROM seat_member WHERE tenant_id = %(tenant)s AND since_no IS NOT NULL
    UNION ALL
    SELECT since_no FROM seat_entry
    WHERE tenant_id = %(tenant)s AND effective_at > %(at)s::timestamptz AND since_no IS NOT NULL
) h
JOIN seat_entry e ON e.tenant_id = %(tenant)s AND e.no = h.since_no
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = e.member_id
WHERE e.effective_at <= %(at)s::timestamptz AND coalesce(e.expires_at, 'infinity') > %(at)s::timestamptz
ORDER BY e.no
"""


@dataclass(frozen=True, slots=True)
class SeatUsage:
    """Seats held against the limit (None: no limit). `plan` is None on trial, which ends at `trial_ends_at`."""

    plan: str | None
    limit: int | None
    limit_seq: int
    limit_since: datetime
    trial_ends_at: datetime | None
    held: int
    active: int
    invited: int


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """Who holds a seat, and the event that gave it."""

    member_id: str
    name: str | None
    kind: str
    since: datetime
    since_seq: int
    since_type: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeatMonth:
    """The most seats held at once in a month, first reached at `peak_at`; and seat-days, of 24 hours each."""

    peak: int
    peak_at: datetime | None
    seat_days: float


USAGE_QUESTION = Question(USAGE, SeatUsage, ("seat_entry", "seat_limit"))
HOLDERS_QUESTION = Question(HOLDERS, SeatHolder, ("seat_member", "seat_entry"), labels=("person",))


async def seat_usage(ask: Ask, tenant: str, *, at: datetime, as_of: AsOf | None = None) -> SeatUsage | None:
    """The seats at `at`, which is now or the instant of `as_of`; None before the company signed up."""
    found = await ask(USAGE_QUESTION, tenant, {"at": at}, as_of=as_of)
    return found[0] if found else None


async def seat_holders(ask: Ask, tenant: str, *, at: datetime, as_of: AsOf | None = None) -> list[SeatHolder]:
    """Who holds a seat at `at`, the longest first."""
    return await ask(HOLDERS_QUESTION, tenant, {"at": at}, as_of=as_of)


async def seat_month(
    ask: Ask, tenant: str, *, month: date, time_zone: str, at: datetime, as_of: AsOf | None = None
) -> SeatMonth:
    """The month of the day `month`, where the company is; of one under way, what there is of it until `at`."""
    found = await seat_ledger(ask, tenant, first=month, last=month, time_zone=time_zone, at=at, as_of=as_of)
    if not found:
        return SeatMonth(0, None, 0.0)
    return SeatMonth(found[0].peak, found[0].peak_at, found[0].seat_days)
