"""Seat usage: who held a seat from when until when, and what the limit was. Every number opens to events."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Meta
from domain.tenants import events as e
from domain.tenants import plan_events as p
from domain.tenants.permissions import SEATED
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE seat_member (
    tenant_id uuid NOT NULL, member_id uuid NOT NULL, permission text NOT NULL, kind text, since_seq bigint,
    expires_at timestamptz,
    PRIMARY KEY (tenant_id, member_id));
CREATE TABLE seat_held (
    tenant_id uuid NOT NULL, member_id uuid NOT NULL, from_seq bigint NOT NULL, from_at timestamptz NOT NULL,
    from_type text NOT NULL, kind text NOT NULL, expires_at timestamptz, until_seq bigint, until_at timestamptz,
    until_type text,
    PRIMARY KEY (tenant_id, member_id, from_seq));
CREATE INDEX seat_held_time ON seat_held (tenant_id, from_at, until_at);
CREATE TABLE seat_limit (
    tenant_id uuid NOT NULL, seq bigint NOT NULL, from_at timestamptz NOT NULL, plan text, seats int,
    ends_at timestamptz,
    PRIMARY KEY (tenant_id, seq));
"""


@dataclass(slots=True)
class SeatMember(Row):
    """A member as seats see them; `since_seq` names the seat they hold now, if any."""

    table: ClassVar[str] = "seat_member"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("member_id",)
    tenant_id: str
    member_id: str
    permission: str
    kind: str | None = None
    since_seq: int | None = None
    expires_at: datetime | None = None


@dataclass(slots=True)
class SeatHeld(Row):
    """One seat held by one member, from an event until another; an invited one also until `expires_at`."""

    table: ClassVar[str] = "seat_held"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("member_id", "from_seq")
    tenant_id: str
    member_id: str
    from_seq: int
    from_at: datetime
    from_type: str
    kind: str
    expires_at: datetime | None
    until_seq: int | None = None
    until_at: datetime | None = None
    until_type: str | None = None


@dataclass(slots=True)
class SeatLimit(Row):
    """The limit from an event on; None is no limit. `ends_at` is a trial's end; before the trial there is no seat."""

    table: ClassVar[str] = "seat_limit"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("seq",)
    tenant_id: str
    seq: int
    from_at: datetime
    plan: str | None
    seats: int | None
    ends_at: datetime | None


seats = Projection("seats", version=4, tables=(SeatMember, SeatHeld, SeatLimit), ddl=DDL)


@seats.on(e.TenantSignedUp)
def _signed_up(rows: Rows, _: e.TenantSignedUp, meta: Meta) -> None:
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, None, 0, None))


@seats.on(e.TrialStarted)
def _trial(rows: Rows, event: e.TrialStarted, meta: Meta) -> None:
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, None, event.seats, event.ends_at))


@seats.on(e.PlanChosen)
def _plan(rows: Rows, event: e.PlanChosen, meta: Meta) -> None:
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, event.new, event.seats, None))


@seats.on(p.PlanCancelled, p.PlanLapsed)
def _no_plan(rows: Rows, _: p.PlanCancelled | p.PlanLapsed, meta: Meta) -> None:
    rows.add(SeatLimit(meta.tenant, meta.seq, meta.recorded_at, None, 0, None))


@seats.on(e.MemberJoined)
def _joined(rows: Rows, event: e.MemberJoined, meta: Meta) -> None:
    rows.add(SeatMember(meta.tenant, event.member, event.permission))
    _take(rows, event.member, "active", None, meta)


@seats.on(e.MemberInvited)
def _invited(rows: Rows, event: e.MemberInvited, meta: Meta) -> None:
    rows.add(SeatMember(meta.tenant, event.member, event.permission))
    _take(rows, event.member, "invited", event.expires_at, meta)


@seats.on(e.MemberProvisioned)
def _provisioned(rows: Rows, event: e.MemberProvisioned, meta: Meta) -> None:
    if rows.get(SeatMember, event.member) is not None:
        _leave(rows, event.member, meta)
    rows.add(SeatMember(meta.tenant, event.member, event.permission))
    if event.active:
        _take(rows, event.member, "active", None, meta)


@seats.on(e.InvitationAccepted)
def _accepted(rows: Rows, event: e.InvitationAccepted, meta: Meta) -> None:
    _leave(rows, event.member, meta)
    _take(rows, event.member, "active", None, meta)


@seats.on(e.MemberReactivated)
def _reactivated(rows: Rows, event: e.MemberReactivated, meta: Meta) -> None:
    _take(rows, event.member, "active", None, meta)


@seats.on(e.InvitationExpired, e.MemberDeactivated)
def _left(rows: Rows, event: e.InvitationExpired | e.MemberDeactivated, meta: Meta) -> None:
    _leave(rows, event.member, meta)


@seats.on(e.PermissionChanged)
def _permission(rows: Rows, event: e.PermissionChanged, meta: Meta) -> None:
    member = rows.change(SeatMember, event.member)
    kind, expires_at = member.kind, member.expires_at
    if (event.old in SEATED) == (event.new in SEATED) or kind is None:
        member.permission = event.new
        return
    _leave(rows, event.member, meta)
    member.permission = event.new
    _take(rows, event.member, kind, expires_at, meta)


def _take(rows: Rows, member: str, kind: str, expires_at: datetime | None, meta: Meta) -> None:
    """A member is there from now on; they hold a seat unless their permission takes none."""
    row = rows.change(SeatMember, member)
    row.kind, row.expires_at, row.since_seq = kind, expires_at, None
    if row.permission not in SEATED:
        return
    row.since_seq = meta.seq
    rows.add(SeatHeld(meta.tenant, member, meta.seq, meta.recorded_at, meta.type, kind, expires_at))


def _leave(rows: Rows, member: str, meta: Meta) -> None:
    """A member is not there any more, or not in the same way."""
    row = rows.change(SeatMember, member)
    if row.since_seq is not None:
        held = rows.change(SeatHeld, (member, row.since_seq))
        held.until_seq, held.until_at, held.until_type = meta.seq, meta.recorded_at, meta.type
    row.kind, row.expires_at, row.since_seq = None, None, None
