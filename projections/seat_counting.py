"""How the seat ledger counts: time passes, invitations run out at their own instants, and entries are written.

Each entry holds the running sums of its month, so that a month's figures are read from its last entry and a peak
from an index: no question adds up a year. Months are those of the company's time zone.
"""

from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.events import Meta
from domain.tenants.events import InvitationExpired
from domain.tenants.permissions import SEATED
from projections.engine import Rows
from projections.seat_tables import SeatCount, SeatEntry, SeatMember

OPEN = "open invitations"
MICROSECOND = timedelta(microseconds=1)

Cause = tuple[str, int]
"""The type of the event that says why, and the sequence of the one that says who."""


class Invitation(NamedTuple):
    """When an open invitation runs out, the event that made it, and whom it is for."""

    ends: datetime
    seq: int
    member: str


def month_start(year: int, month: int, zone: ZoneInfo) -> datetime:
    """The first instant of a month, its number from 1, or from 13 on in the year after; in UTC.

    When a clock that is put back shows midnight twice it is the first time; when midnight is left out, what follows.
    """
    years, index = divmod(month - 1, 12)
    return datetime(year + years, index + 1, 1, tzinfo=zone).astimezone(UTC)


def begin(time_zone: str, meta: Meta) -> SeatCount:
    """The counts of a company that signs up."""
    zone, at = ZoneInfo(time_zone), meta.recorded_at
    day = at.astimezone(zone).date()
    # Where a clock was put back over midnight the local day may lie in the month before.
    month = day.month + (month_start(day.year, day.month + 1, zone) <= at)
    starts = month_start(day.year, month, zone)
    return SeatCount(meta.tenant, time_zone, starts, month_start(day.year, month + 1, zone), at)


def settle(rows: Rows, meta: Meta) -> None:
    """Give back the seats of invitations that ran out before an event, in order, each at its own instant."""
    waiting = _open(rows)
    while waiting and waiting[0].ends <= meta.recorded_at:
        ends, seq, who = heappop(waiting)
        member = rows.get(SeatMember, who)
        if member is None or (member.kind, member.invited_seq) != ("invited", seq):
            continue
        become(rows, who, None, ends, meta.seq, (InvitationExpired.type, seq))


def await_answer(rows: Rows, member: SeatMember) -> None:
    """Note when an invitation runs out."""
    heappush(_open(rows), _invitation(member))


def become(rows: Rows, who: str, kind: str | None, at: datetime, seq: int, cause: Cause) -> None:
    """A member is there as `kind` from `at` on, or not there any more; an entry, when that is about a seat."""
    member = rows.change(SeatMember, who)
    was, now = member.kind if member.since_no is not None else None, kind if member.permission in SEATED else None
    member.kind = kind
    if kind != "invited":
        member.expires_at = None if kind == "active" else member.expires_at
    if was == now:
        return
    count = rows.change(SeatCount)
    pass_time(count, at)
    count.no += 1
    count.held += (now is not None) - (was is not None)
    count.invited += (now == "invited") - (was == "invited")
    count.joined += was is None
    count.gone += now is None
    rows.add(_entry(count, member, seq, was, now, cause))
    member.since_no = count.no if now else None


def pass_time(count: SeatCount, at: datetime) -> None:
    """Add up the seats held until `at`, never before the last; sums begin anew with each month."""
    while at >= count.month_ends_at:
        starts, zone = count.month_ends_at, ZoneInfo(count.time_zone)
        # Some hours on, whatever the clocks do, it is that month's first day.
        day = (starts + timedelta(hours=12)).astimezone(zone).date()
        count.month_at, count.month_ends_at = starts, month_start(day.year, day.month + 1, zone)
        count.at, count.seat_us, count.invited_us, count.joined, count.gone = starts, 0, 0, 0, 0
    passed = (at - count.at) // MICROSECOND
    count.seat_us += count.held * passed
    count.invited_us += count.invited * passed
    count.at = at


def _entry(
    count: SeatCount, member: SeatMember, seq: int, was: str | None, kind: str | None, cause: Cause
) -> SeatEntry:
    return SeatEntry(
        count.tenant_id,
        count.no,
        count.at,
        seq,
        member.member_id,
        was,
        kind,
        member.since_no,
        *cause,
        member.expires_at if kind == "invited" else None,
        member.invited_seq if kind == "invited" else None,
        count.held,
        count.invited,
        count.month_at,
        count.seat_us,
        count.invited_us,
        count.joined,
        count.gone,
    )


def _open(rows: Rows) -> list[Invitation]:
    """A heap of invitations, those answered meanwhile among them; made once for a scope in memory."""
    waiting: list[Invitation] | None = rows.aside.get(OPEN)
    if waiting is None:
        waiting = [_invitation(member) for member in rows.all(SeatMember) if member.kind == "invited"]
        heapify(waiting)
        rows.aside[OPEN] = waiting
    return waiting


def _invitation(member: SeatMember) -> Invitation:
    if member.expires_at is None or member.invited_seq is None:
        raise ValueError(f"expected an invitation of {member.member_id}, but there is none")
    return Invitation(member.expires_at, member.invited_seq, member.member_id)
