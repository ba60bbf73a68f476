"""The seat ledger, month by month: opening, peak, closing, seat-days, and the entries behind each figure.

A month's sums stand in its last entry, its peak is found by an index, so a year is a dozen look-ups, whatever
happened in it. docs/seats.md defines the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from queries.asking import Ask, AsOf, Question
from queries.seat_standing import STANDING

# b: the last entry before the month; f and l: its first and last; p: where most were held, once all entries of an
# instant are counted; r: what ran out and is not entered yet.
MONTHS = f"""
SELECT * FROM (
    WITH {STANDING}, month AS (
        SELECT starts, ends, least(ends, %(at)s::timestamptz) AS until
        FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) u (starts, ends)
    )
    SELECT m.starts, m.until, b.held AS before_held, b.invited AS before_invited, b.no AS before_no,
           b.cause_seq AS before_seq, f.no AS first_no, f.effective_at AS first_at, l.no AS last_no,
           l.cause_seq AS last_seq, l.effective_at AS last_at, l.held, l.invited, l.seat_us, l.invited_us, l.joined,
           l.gone, p.held AS peak, p.effective_at AS peak_at, p.no AS peak_no, p.cause_seq AS peak_seq,
           r.ran_out_before, r.ran_out_at_start, r.ran_out, r.unheld_us, c.plan, c.seats AS limit, c.seq AS limit_seq
    FROM month m
    LEFT JOIN LATERAL (
        SELECT no, cause_seq, held, invited FROM seat_entry
        WHERE tenant_id = %(tenant)s AND effective_at < m.starts ORDER BY effective_at DESC, no DESC LIMIT 1
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT no, effective_at FROM seat_entry
        WHERE tenant_id = %(tenant)s AND effective_at >= m.starts AND effective_at < m.ends
          AND effective_at <= %(at)s::timestamptz
        ORDER BY effective_at, no LIMIT 1
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT no, cause_seq, effective_at, held, invited, seat_us, invited_us, joined, gone FROM seat_entry
        WHERE tenant_id = %(tenant)s AND effective_at >= m.starts AND effective_at < m.ends
          AND effective_at <= %(at)s::timestamptz
        ORDER BY effective_at DESC, no DESC LIMIT 1
    ) l ON true
    LEFT JOIN LATERAL (
        SELECT no, cause_seq, effective_at, held FROM seat_entry e
        WHERE tenant_id = %(tenant)s AND month_at = m.starts AND effective_at <= %(at)s::timestamptz
          AND NOT EXISTS (
              SELECT FROM seat_entry n
              WHERE n.tenant_id = %(tenant)s AND n.no = e.no + 1 AND n.effective_at = e.effective_at)
        ORDER BY held DESC, no LIMIT 1
    ) p ON true
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE at < m.starts) AS ran_out_before,
               count(*) FILTER (WHERE at = m.starts) AS ran_out_at_start,
               count(*) FILTER (WHERE at >= m.starts AND at < m.ends) AS ran_out,
               coalesce(sum((extract(epoch FROM m.until - at) * 1000000)::bigint)
                        FILTER (WHERE at >= m.starts AND at < m.ends), 0)::bigint AS unheld_us
        FROM ran_out
    ) r
    LEFT JOIN LATERAL (
        SELECT plan, seats, seq FROM seat_limit
        WHERE tenant_id = %(tenant)s AND from_at < m.ends AND from_at <= %(at)s::timestamptz
        ORDER BY seq DESC LIMIT 1
    ) c ON true
    ORDER BY m.starts
) ledger
"""
DAY_US = 86_400_000_000
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """What the tables hold of a month, before it is put together."""

    starts: datetime
    until: datetime
    before_held: int | None
    before_invited: int | None
    before_no: int | None
    before_seq: int | None
    first_no: int | None
    first_at: datetime | None
    last_no: int | None
    last_seq: int | None
    last_at: datetime | None
    held: int | None
    invited: int | None
    seat_us: int | None
    invited_us: int | None
    joined: int | None
    gone: int | None
    peak: int | None
    peak_at: datetime | None
    peak_no: int | None
    peak_seq: int | None
    ran_out_before: int
    ran_out_at_start: int
    ran_out: int
    unheld_us: int
    plan: str | None
    limit: int | None
    limit_seq: int | None


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """One month of seats, from `starts` until `until`: its end, or the instant asked about.

    `opening` + `joined` - `gone` = `closing`. `peak` is the most held at any instant, first so at `peak_at`.
    `seat_days` are held seats times 24 hours, `seat_us` the same in microseconds, exactly; `invited_…` are those of
    them that invitations held. Entries `first_no` to `last_no` are the month's; `…_seq` name the events that led
    to a figure. The limit (None: no limit) is that at the month's end.
    """

    month: date
    starts: datetime
    until: datetime
    opening: int
    opening_seq: int | None
    peak: int
    peak_at: datetime | None
    peak_seq: int | None
    closing: int
    closing_seq: int | None
    invited: int
    joined: int
    gone: int
    seat_days: float
    seat_us: int
    invited_days: float
    invited_us: int
    plan: str | None
    limit: int | None
    limit_seq: int | None
    first_no: int | None
    last_no: int | None


QUESTION = Question(MONTHS, Found, ("seat_entry", "seat_limit"))


async def seat_ledger(
    ask: Ask, tenant: str, *, first: date, last: date, time_zone: str, at: datetime, as_of: AsOf | None = None
) -> list[LedgerMonth]:
    """The months from that of the day `first` to that of `last`, where the company is, as far as they had begun."""
    months = {day: month_bounds(day, time_zone) for day in _months(first, last)}
    begun = {day: bounds for day, bounds in months.items() if bounds[0] <= at}
    starts, ends = [start for start, _ in begun.values()], [end for _, end in begun.values()]
    found = await ask(QUESTION, tenant, {"starts": starts, "ends": ends, "at": at}, as_of=as_of)
    return [_month(day, one) for day, one in zip(begun, found, strict=True)]


def month_bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """The first instant of the day's month, and of the month after, in a time zone; in UTC.

    In UTC, for a midnight that the clocks left out is equal to no instant but itself.
    """
    zone = ZoneInfo(time_zone)
    start = datetime(day.year, day.month, 1, tzinfo=zone)
    year, month = divmod(day.year * 12 + day.month, 12)
    return start.astimezone(UTC), datetime(year, month + 1, 1, tzinfo=zone).astimezone(UTC)


def _months(first: date, last: date) -> Sequence[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    numbers = (first.year * 12 + first.month - 1 + n for n in range(count))
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _month(day: date, found: Found) -> LedgerMonth:
    opening = (found.before_held or 0) - found.ran_out_before
    closing = (opening if found.held is None else found.held) - found.ran_out
    invited = found.before_invited if found.invited is None else found.invited
    out = found.ran_out if found.invited is not None else found.ran_out_before + found.ran_out
    seat_us = _held_us(found, found.seat_us, found.held, opening)
    invited_us = _held_us(found, found.invited_us, found.invited, (found.before_invited or 0) - found.ran_out_before)
    peak, peak_at, peak_seq = _peak(found, opening)
    return LedgerMonth(
        month=day,
        starts=found.starts,
        until=found.until,
        opening=opening,
        opening_seq=found.before_seq,
        peak=peak,
        peak_at=peak_at,
        peak_seq=peak_seq,
        closing=closing,
        closing_seq=found.last_seq or found.before_seq,
        invited=(invited or 0) - out,
        joined=found.joined or 0,
        gone=(found.gone or 0) + found.ran_out,
        seat_days=round(seat_us / DAY_US, 3),
        seat_us=seat_us,
        invited_days=round(invited_us / DAY_US, 3),
        invited_us=invited_us,
        plan=found.plan,
        limit=found.limit,
        limit_seq=found.limit_seq,
        first_no=found.first_no,
        last_no=found.last_no,
    )


def _held_us(found: Found, so_far: int | None, held: int | None, opening: int) -> int:
    """Seats times microseconds until the end: those up to the last entry, and what is held since, less what ran out."""
    since, seats = (found.starts, opening) if found.last_at is None else (found.last_at, held or 0)
    passed = found.until - since
    whole = (passed.days * 86_400 + passed.seconds) * MICROSECONDS + passed.microseconds
    return (so_far or 0) + seats * whole - found.unheld_us


def _peak(found: Found, opening: int) -> tuple[int, datetime | None, int | None]:
    """The most held at an instant: as the month began, unless something happened right then, or after an entry."""
    at_start = 0 if found.first_at == found.starts else opening - found.ran_out_at_start
    if at_start and at_start >= (found.peak or 0):
        return at_start, found.starts, found.before_seq
    return (found.peak, found.peak_at, found.peak_seq) if found.peak else (0, None, None)
