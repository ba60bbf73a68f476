"""Seat usage as a ledger: who took and gave back a seat, when and why, and what the limit was.

An invitation's seat is free at its `expires_at`, whether or not its expiry is an event yet: before each event those
that ran out are entered at their own instants; questions add those that ran out since the last one.
"""

from domain.events import Meta
from domain.tenants import events as e
from domain.tenants import plan_events as p
from domain.tenants.permissions import SEATED
from projections.engine import Projection, Rows
from projections.seat_counting import await_answer, become, begin, settle
from projections.seat_tables import DDL, SeatCount, SeatEntry, SeatLimit, SeatMember, SeatNoted

seats = Projection(
    "seats", version=5, tables=(SeatMember, SeatCount, SeatEntry, SeatNoted, SeatLimit), ddl=DDL
)


@seats.on(e.TenantSignedUp)
def _signed_up(rows: Rows, event: e.TenantSignedUp, meta: Meta) -> None:
    rows.add(begin(event.time_zone, meta))
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, None, 0, None))


@seats.on(e.TrialStarted)
def _trial(rows: Rows, event: e.TrialStarted, meta: Meta) -> None:
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, None, event.seats, event.ends_at))


@seats.on(e.PlanChosen)
def _plan(rows: Rows, event: e.PlanChosen, meta: Meta) -> None:
    settle(rows, meta)
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, event.new, event.seats, None))


@seats.on(p.PlanCancelled, p.PlanLapsed)
def _no_plan(rows: Rows, _: p.PlanCancelled | p.PlanLapsed, meta: Meta) -> None:
    settle(rows, meta)
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, None, 0, None))


@seats.on(e.MemberJoined)
def _joined(rows: Rows, event: e.MemberJoined, meta: Meta) -> None:
    settle(rows, meta)
    rows.add(SeatMember(meta.tenant, event.member, event.permission))
    _become(rows, event.member, "active", meta)


@seats.on(e.MemberInvited)
def _invited(rows: Rows, event: e.MemberInvited, meta: Meta) -> None:
    settle(rows, meta)
    member = SeatMember(
        meta.tenant, event.member, event.permission, expires_at=event.expires_at, invited_seq=meta.seq
    )
    rows.add(member)
    # It may have run out on its way to the log; it can be accepted all the same by a clock that is slow.
    if event.expires_at > meta.recorded_at:
        _become(rows, event.member, "invited", meta)
        await_answer(rows, member)


@seats.on(e.MemberProvisioned)
def _provisioned(rows: Rows, event: e.MemberProvisioned, meta: Meta) -> None:
    """Someone new, or someone who was invited: then the invitation is used up, and its seat with it."""
    settle(rows, meta)
    if rows.get(SeatMember, event.member) is None:
        rows.add(SeatMember(meta.tenant, event.member, event.permission))
    rows.change(SeatMember, event.member).permission = event.permission
    _become(rows, event.member, "active" if event.active else None, meta)


@seats.on(e.InvitationAccepted, e.MemberReactivated)
def _active(rows: Rows, event: e.InvitationAccepted | e.MemberReactivated, meta: Meta) -> None:
    settle(rows, meta)
    _become(rows, event.member, "active", meta)


@seats.on(e.InvitationExpired)
def _expired(rows: Rows, event: e.InvitationExpired, meta: Meta) -> None:
    rows.add(SeatNoted(meta.tenant, event.member, meta.seq))
    _left(rows, event, meta)


@seats.on(e.MemberDeactivated)
def _left(rows: Rows, event: e.InvitationExpired | e.MemberDeactivated, meta: Meta) -> None:
    settle(rows, meta)
    _become(rows, event.member, None, meta)


@seats.on(e.PermissionChanged)
def _permission(rows: Rows, event: e.PermissionChanged, meta: Meta) -> None:
    """An auditor takes no seat: who becomes one gives theirs back, who was one takes one."""
    settle(rows, meta)
    member = rows.change(SeatMember, event.member)
    member.permission = event.new
    held = member.since_no is not None
    if member.kind is not None and held != (event.new in SEATED):
        _become(rows, event.member, member.kind, meta)


def _become(rows: Rows, who: str, kind: str | None, meta: Meta) -> None:
    become(rows, who, kind, meta.recorded_at, meta.seq, (meta.type, meta.seq))
