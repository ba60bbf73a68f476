"""A tenant as its events left it; `folding.py` says how they do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.ids import DepartmentId, MemberId, RoleId
from domain.tenants.exports import Exports
from domain.tenants.handovers import Absence, Handover, away
from domain.tenants.keeping import Keeping
from domain.tenants.member import ApiKey, Member
from domain.tenants.plan_state import Ended, Pending


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
    identities: Mapping[str, MemberId] = field(default_factory=dict)
    keeping: Keeping = field(default_factory=Keeping)
    exports: Exports = field(default_factory=Exports)
    anchor_webhook: str | None = None

    @property
    def exists(self) -> bool:
        """True once the company has signed up."""
        return bool(self.name)

    def is_writable(self, at: datetime) -> bool:
        """A plan, or a trial that has not ended."""
        return self.read_only(at) is None

    def read_only(self, at: datetime) -> Ended | None:
        """Why nothing may be written; None while it may. Time decides, whether or not the scheduler came by."""
        if self.keeping.closed or self.keeping.keys_until is not None:
            return "closed" if self.keeping.closed else "ending"
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

    def linked(self, issuer: str, subject: str) -> MemberId | None:
        """Whom an identity provider's subject stands for."""
        return self.identities.get(identity(issuer, subject))

    def subjects_of(self, member: MemberId, issuer: str) -> list[str]:
        """The subjects of an identity provider that stand for a member."""
        own = (name for name, linked in self.identities.items() if linked == member)
        return [name.removeprefix(identity(issuer, "")) for name in own if name.startswith(identity(issuer, ""))]

    def seat_holders(self, at: datetime) -> list[MemberId]:
        """Who holds a seat at `at`."""
        return [member.id for member in self.members.values() if member.holds_seat(at)]

    def seats_held(self, at: datetime) -> int:
        """Seats held at `at` (not the limit)."""
        return len(self.seat_holders(at))

    def knows(self, email: str, at: datetime) -> bool:
        """True when an active member or an open invitation has that address."""
        return any(m.status == "active" or m.is_invited(at) for m in self.members.values() if m.email == email)

    def active_owners(self) -> frozenset[MemberId]:
        """The owners who can act."""
        return frozenset(m.id for m in self.members.values() if m.permission == "owner" and m.status == "active")


def identity(issuer: str, subject: str) -> str:
    """What a subject of an identity provider goes by in `Tenant.identities`; an issuer's address holds no blank."""
    return f"{issuer} {subject}"
