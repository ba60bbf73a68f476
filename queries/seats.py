"""Seat usage: the limit, who holds a seat and why, and a month's peak and seat-days."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from queries.asking import Ask, AsOf, Question

# A seat ends by an event or, one held by an invitation, at `expires_at`, even before the expiry is an event.
USAGE = """
SELECT l.plan, l.seats AS limit, l.seq AS limit_seq, l.from_at AS limit_since, l.ends_at AS trial_ends_at,
       h.held, h.active, h.invited
FROM (SELECT count(*) AS held, count(*) FILTER (WHERE kind = 'active') AS active,
             count(*) FILTER (WHERE kind = 'invited') AS invited
      FROM seat_held
      WHERE tenant_id = %(tenant)s AND from_at <= %(at)s::timestamptz
        AND least(coalesce(until_at, 'infinity'), coalesce(expires_at, 'infinity')) > %(at)s::timestamptz) h
JOIN LATERAL (
      SELECT * FROM seat_limit WHERE tenant_id = %(tenant)s AND from_at <= %(at)s::timestamptz
      ORDER BY seq DESC LIMIT 1) l ON true
"""

HOLDERS = """
SELECT h.member_id, p.name, h.kind, h.from_at AS since, h.from_seq AS since_seq, h.from_type AS since_type,
       h.expires_at
FROM seat_held h
LEFT JOIN person p ON p.tenant_id = h.tenant_id AND p.member_id = h.member_id
WHERE h.tenant_id = %(tenant)s AND h.from_at <= %(at)s::timestamptz
  AND least(coalesce(until_at, 'infinity'), coalesce(expires_at, 'infinity')) > %(at)s::timestamptz
ORDER BY h.from_seq
"""

# Running sums over what comes and goes, all of one instant at once. A seat that is held at `at` has no end yet.
MONTH = """
SELECT * FROM (
    WITH spans AS (
        SELECT greatest(from_at, %(start)s::timestamptz) AS begins,
               least(coalesce(until_at, 'infinity'), coalesce(expires_at, 'infinity')) AS ends
        FROM seat_held WHERE tenant_id = %(tenant)s
    ), counts AS (
        SELECT x.at, sum(sum(x.change)) OVER (ORDER BY x.at) AS held
        FROM (SELECT begins AS at, 1 AS change FROM spans WHERE ends > begins
              UNION ALL
              SELECT ends, -1 FROM spans WHERE ends > begins) x
        WHERE x.at <= %(at)s::timestamptz AND x.at < %(end)s::timestamptz
        GROUP BY x.at
    ), lengths AS (
        SELECT least(ends, %(end)s::timestamptz, %(at)s::timestamptz) - begins AS length FROM spans
    )
    SELECT coalesce((SELECT max(held) FROM counts), 0) AS peak,
           (SELECT at FROM counts ORDER BY held DESC, at LIMIT 1) AS peak_at,
           coalesce((SELECT round(extract(epoch FROM sum(length)) / 86400, 3)
                     FROM lengths WHERE length > interval '0'), 0) AS seat_days
) month
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


USAGE_QUESTION = Question(USAGE, SeatUsage, ("seat_held", "seat_limit"))
HOLDERS_QUESTION = Question(HOLDERS, SeatHolder, ("seat_held",), labels=("person",))
MONTH_QUESTION = Question(MONTH, SeatMonth, ("seat_held",))


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
    start, end = month_bounds(month, time_zone)
    found = await ask(MONTH_QUESTION, tenant, {"start": start, "end": end, "at": at}, as_of=as_of)
    return found[0]


def month_bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """The first instant of the day's month, and of the month after, in a time zone."""
    zone = ZoneInfo(time_zone)
    start = datetime(day.year, day.month, 1, tzinfo=zone)
    year, month = divmod(day.year * 12 + day.month, 12)
    return start, datetime(year, month + 1, 1, tzinfo=zone)
