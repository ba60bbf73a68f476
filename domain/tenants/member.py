"""One member of a tenant, and the keys that act as one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.ids import DepartmentId, MemberId
from domain.tenants.permissions import DOERS, READING, SEATED, TIME_BOXED, Permission

MemberStatus = Literal["invited", "active", "expired", "deactivated"]


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the company, or from outside. `joined` once they have been active, or were provisioned.

    `user_name` is what the directory calls them, None while that is their address; `removed` once the directory
    has deleted them. `changes` counts what has happened to them. Of who was `erased` nothing personal is left.
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
    access_ends_at: datetime | None = None
    erased: bool = False

    @property
    def may_do_steps(self) -> bool:
        """True when their permission covers completing steps, whether or not they are active."""
        return self.permission in DOERS

    def holds_seat(self, at: datetime) -> bool:
        """Active, or invited and not expired; an auditor holds none."""
        if self.permission not in SEATED:
            return False
        return self.status == "active" or self.is_invited(at)

    def has_access(self, at: datetime) -> bool:
        """Active; and an auditor only until their access ends: one who was given no end has none."""
        if self.status != "active":
            return False
        return self.permission not in TIME_BOXED or (self.access_ends_at is not None and at < self.access_ends_at)

    def is_invited(self, at: datetime) -> bool:
        """True while the invitation can be accepted."""
        return self.status == "invited" and self.expires_at is not None and at < self.expires_at

    def is_overdue(self, at: datetime) -> bool:
        """True when the invitation's time is over, and that is not noted yet."""
        return self.status == "invited" and self.expires_at is not None and at >= self.expires_at


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that acts as a member until it expires or is revoked; see events.ApiKeyIssued for its limits."""

    id: str
    member: MemberId
    label: str
    sha256: str
    expires_at: datetime | None = None
    read_only: bool = False
    only: tuple[str, ...] | None = None

    @property
    def has_limits(self) -> bool:
        """True when it does less than its member, or for less long."""
        return self.expires_at is not None or self.read_only or self.only is not None

    def is_open(self, at: datetime) -> bool:
        """True until it expires."""
        return self.expires_at is None or at < self.expires_at

    def allows(self, what: str) -> bool:
        """True when its limits leave room for a row of the table of permissions."""
        if self.read_only and not what.startswith(READING):
            return False
        return self.only is None or what in self.only
