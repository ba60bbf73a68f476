"""A tenant as its events left it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import singledispatch
from typing import Literal
from zoneinfo import ZoneInfo

from domain.ids import DepartmentId, MemberId, RoleId
from domain.tenants import events as e
from domain.tenants.handovers import Absence, Handover, away
from domain.tenants.permissions import DOERS, SEATED, Permission
from domain.tenants.plan_events import PlanEvent
from domain.tenants.plan_state import Ended, Pending, changes

MemberStatus = Literal["invited", "active", "expired", "deactivated"]


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the company, or from outside. `joined` once they have been active, or were provisioned.

    `user_name` is what the directory calls them, None while that is their address; `removed` once the directory
    has deleted them. `changes` counts what has happened to them.
    """

    id: MemberId
    permission: Permission
    department: DepartmentId | None
    status: MemberStatus
    name: str
    email: str
    expires_at: datetime | None = None
    token_sha256: str | None = None
    joined: bool = False
    user_name: str | None = None
    external_id: str | None = None
    removed: bool = False
    changes: int = 0

    @property
    def may_do_steps(self) -> bool:
        """True when their permission covers completing steps, whether or not they are active."""
        return self.permission in DOERS

    def holds_seat(self, at: datetime) -> bool:
        """Active, or invited and not expired; an auditor holds none."""
        if self.permission not in SEATED:
            return False
        return self.status == "active" or self.is_invited(at)

    def is_invited(self, at: datetime) -> bool:
        """True while the invitation can be accepted."""
        return self.status == "invited" and self.expires_at is not None and at < self.expires_at

    def is_overdue(self, at: datetime) -> bool:
        """True when the invitation's time is over, and that is not noted yet."""
        return self.status == "invited" and self.expires_at is not None and at >= self.expires_at


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that acts as a member until it is revoked."""

    id: str
    member: MemberId
    label: str
    sha256: str


@dataclass(frozen=True)
class Tenant:
    """The company: empty until it signs up. `ended` is how its last subscription, or its trial, did."""

    name: str = ""
    time_zone: str = "Asia/Tokyo"
    trial_ends_at: datetime | None = None
    plan: str | None = None
    seats: int | None = None
    yen_a_month: int = 0
    pending: Pending | None = None
    ended: Ended | None = None
    members: Mapping[MemberId, Member] = field(default_factory=dict)
    departments: Mapping[DepartmentId, str] = field(default_factory=dict)
    holders: Mapping[RoleId, tuple[MemberId, ...]] = field(default_factory=dict)
    keys: Mapping[str, ApiKey] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    handovers: Mapping[str, Handover] = field(default_factory=dict)
    absences: Mapping[MemberId, tuple[Absence, ...]] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """True once the company has signed up."""
        return bool(self.name)

    def is_writable(self, at: datetime) -> bool:
        """A plan, or a trial that has not ended."""
        return self.read_only(at) is None

    def read_only(self, at: datetime) -> Ended | None:
        """Why nothing may be written; None while it may. Time decides, whether or not the scheduler came by."""
        if self.plan is not None:
            due = self.pending is not None and self.pending.plan is None and at >= self.pending.at
            return "cancelled" if due else None
        if self.ended in ("cancelled", "lapsed"):
            return self.ended
        return None if self.trial_ends_at is not None and at < self.trial_ends_at else "trial_ended"

    def today(self, at: datetime) -> date:
        """The day it is at `at` where the company is."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def is_active(self, member: MemberId | None) -> bool:
        """True for a member who can act."""
        found = self.members.get(member) if member else None
        return found is not None and found.status == "active"

    def can_do_steps(self, member: MemberId | None) -> bool:
        """True for a member whom work can be given to: active, and no mere reader."""
        found = self.members.get(member) if member else None
        return found is not None and found.status == "active" and found.may_do_steps

    def is_away(self, member: MemberId, day: date) -> bool:
        """True on a day of one of their absences."""
        return away(self.absences, member, day) is not None

    def stands_in(self, member: MemberId, assignee: MemberId | None, day: date) -> bool:
        """True for a delegate of an assignee who is away on that day."""
        absence = away(self.absences, assignee, day) if assignee else None
        return absence is not None and member in absence.delegates

    def active_holders(self, role: RoleId) -> tuple[MemberId, ...]:
        """Who holds the role and can do its steps, in order."""
        return tuple(m for m in self.holders.get(role, ()) if self.can_do_steps(m))

    def has_key(self, member: MemberId) -> bool:
        """True when the member holds a key that opens something."""
        return any(key.member == member for key in self.keys.values())

    def seat_holders(self, at: datetime) -> list[MemberId]:
        """Who holds a seat at `at`."""
        return [member.id for member in self.members.values() if member.holds_seat(at)]

    def seats_held(self, at: datetime) -> int:
        """Seats held at `at` (not the limit)."""
        return len(self.seat_holders(at))

    def knows(self, email: str, at: datetime) -> bool:
        """True when an active member or an open invitation has that address."""
        return any(
            m.status == "active" or m.is_invited(at) for m in self.members.values() if m.email == email
        )

    def active_owners(self) -> frozenset[MemberId]:
        """The owners who can act."""
        return frozenset(
            m.id for m in self.members.values() if m.permission == "owner" and m.status == "active"
        )


def fold(events: Iterable[e.TenantEvent], tenant: Tenant | None = None) -> Tenant:
    """The tenant after these events."""
    tenant = tenant or Tenant()
    for event in events:
        tenant = evolve(event, tenant)
    return tenant


@singledispatch
def evolve(event: e.TenantEvent, tenant: Tenant) -> Tenant:
    """The tenant after one more event; an unknown type is an error, never ignored."""
    raise TypeError(f"no rule for {type(event).__name__}")


@evolve.register
def _(event: e.TenantSignedUp, tenant: Tenant) -> Tenant:
    return replace(tenant, name=event.name, time_zone=event.time_zone)


@evolve.register
def _(event: e.TrialStarted, tenant: Tenant) -> Tenant:
    return replace(tenant, trial_ends_at=event.ends_at, seats=event.seats)


@evolve.register
def _(event: e.PlanChosen, tenant: Tenant) -> Tenant:
    price = event.yen_a_month
    return replace(tenant, plan=event.new, seats=event.seats, yen_a_month=price, pending=None, ended=None)


@evolve.register
def _(event: PlanEvent, tenant: Tenant) -> Tenant:
    return replace(tenant, **changes(event))


@evolve.register
def _(event: e.DepartmentAdded, tenant: Tenant) -> Tenant:
    return replace(tenant, departments={**tenant.departments, event.department: event.title})


@evolve.register
def _(event: e.MemberJoined, tenant: Tenant) -> Tenant:
    who = event.member, event.permission, event.department
    return _with(tenant, Member(*who, "active", event.name, event.email, joined=True))


@evolve.register
def _(event: e.MemberInvited, tenant: Tenant) -> Tenant:
    member = Member(
        event.member,
        event.permission,
        event.department,
        "invited",
        event.name,
        event.email,
        event.expires_at,
        event.token_sha256,
    )
    return _with(tenant, member)


@evolve.register
def _(event: e.InvitationAccepted, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="active", token_sha256=None, joined=True)


@evolve.register
def _(event: e.InvitationExpired, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="expired", token_sha256=None)


@evolve.register
def _(event: e.MemberDeactivated, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="deactivated", token_sha256=None)


@evolve.register
def _(event: e.MemberReactivated, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, status="active", removed=False)


@evolve.register
def _(event: e.MemberProvisioned, tenant: Tenant) -> Tenant:
    status: MemberStatus = "active" if event.active else "deactivated"
    about = event.permission, event.department, status, event.name, event.email
    if event.member not in tenant.members:
        tenant = _with(tenant, Member(event.member, *about))
    now = dict(zip(("permission", "department", "status", "name", "email"), about, strict=True))
    called = {"user_name": event.user_name, "external_id": event.external_id}
    return _changed(tenant, event.member, **now, **called, joined=True, token_sha256=None, expires_at=None)


@evolve.register
def _(event: e.MemberRenamed, tenant: Tenant) -> Tenant:
    called = {"name": event.name, "email": event.email}
    return _changed(tenant, event.member, **called, user_name=event.user_name, external_id=event.external_id)


@evolve.register
def _(event: e.MemberMoved, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, department=event.new)


@evolve.register
def _(event: e.MemberRemoved, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, removed=True)


@evolve.register
def _(event: e.PermissionChanged, tenant: Tenant) -> Tenant:
    return _changed(tenant, event.member, permission=event.new)


@evolve.register
def _(event: e.RoleHoldersSet, tenant: Tenant) -> Tenant:
    return replace(tenant, holders={**tenant.holders, event.role: event.new})


@evolve.register
def _(event: e.ApiKeyIssued, tenant: Tenant) -> Tenant:
    key = ApiKey(event.key, event.member, event.label, event.sha256)
    return replace(tenant, keys={**tenant.keys, event.key: key})


@evolve.register
def _(event: e.ApiKeyRevoked, tenant: Tenant) -> Tenant:
    left = {k: v for k, v in tenant.keys.items() if k != event.key}
    return replace(tenant, keys=left, revoked=tenant.revoked | {event.key})


@evolve.register
def _(event: e.HandedOver, tenant: Tenant) -> Tenant:
    number = len(tenant.handovers) + 1
    handover = Handover(event.handover, event.member, event.rules, number, event.own)
    return replace(tenant, handovers={**tenant.handovers, event.handover: handover})


@evolve.register
def _(event: e.HandoverUndone, tenant: Tenant) -> Tenant:
    undone = replace(tenant.handovers[event.handover], undone=True)
    return replace(tenant, handovers={**tenant.handovers, event.handover: undone})


@evolve.register
def _(event: e.AbsenceSet, tenant: Tenant) -> Tenant:
    others = tuple(a for a in tenant.absences.get(event.member, ()) if a.starts != event.starts)
    absences = (*others, Absence(event.starts, event.until, event.delegates))
    return replace(tenant, absences={**tenant.absences, event.member: absences})


@evolve.register
def _(event: e.AbsenceEnded, tenant: Tenant) -> Tenant:
    shorter = [
        replace(a, until=event.on - timedelta(days=1)) if a.starts == event.starts else a
        for a in tenant.absences.get(event.member, ())
    ]
    left = tuple(a for a in shorter if a.starts <= a.until)
    return replace(tenant, absences={**tenant.absences, event.member: left})


def _with(tenant: Tenant, member: Member) -> Tenant:
    return replace(tenant, members={**tenant.members, member.id: member})


def _changed(tenant: Tenant, member: MemberId, **changes: object) -> Tenant:
    known = tenant.members[member]
    return _with(tenant, replace(known, **changes, changes=known.changes + 1))  # type: ignore[arg-type]  # names are ours
