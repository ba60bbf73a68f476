"""Commands on a tenant: sign-up, plan, departments, members, roles and keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from commands.request import Request
from commands.wide import Sight, Wants, WideCommand, named_by
from domain.duties.handing_over import Decided, hand_over
from domain.duties.leaving import change_permission, deactivate, has_left
from domain.ids import DepartmentId, MemberId, RoleId
from domain.refusals import NotPermitted
from domain.tenants import company, decisions, keys, subscription
from domain.tenants.events import TenantEvent
from domain.tenants.handovers import Rule
from domain.tenants.member import Member
from domain.tenants.permissions import DOERS, Permission
from domain.tenants.state import Tenant


class TenantCommand:
    """A command that reads and writes the tenant's own stream. `by` is None where nobody need be a member.

    One that is `by_service` is given by the service that `domain/services.py` names, and by no member.
    """

    name: ClassVar[str]
    open_to_all: ClassVar[bool] = False
    by_service: ClassVar[bool] = False

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """The events, or a refusal."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SignUp(TenantCommand):
    """Open a company's account; the tenant of the request is the new one."""

    name: ClassVar[str] = "sign_up"
    open_to_all: ClassVar[bool] = True
    company: str
    time_zone: str
    owner: MemberId
    owner_name: str
    email: str
    key: str
    key_sha256: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """The company, its trial, its owner, and the owner's first key."""
        opened = company.sign_up(
            tenant, self.company, self.time_zone, self.owner, self.owner_name, self.email, request.at
        )
        if not opened:
            return []
        return [*opened, *keys.first_key(tenant, self.key, self.owner, "sign-up", self.key_sha256)]


@dataclass(frozen=True, slots=True)
class ChoosePlan(TenantCommand):
    """Take a plan: the first one, or more seats, at once; fewer at the end of the month. A change needs a reason."""

    name: ClassVar[str] = "choose_plan"
    plan: str
    seats: int | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See subscription.choose_plan."""
        return subscription.choose_plan(tenant, self.plan, self.seats, request.reason, request.at)


@dataclass(frozen=True, slots=True)
class AddDepartment(TenantCommand):
    """Add a department, or give it another title."""

    name: ClassVar[str] = "add_department"
    department: DepartmentId
    title: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See company.add_department."""
        return company.add_department(tenant, self.department, self.title)


@dataclass(frozen=True, slots=True)
class InviteMember(TenantCommand):
    """Invite a person; the token is sent to them, and only its SHA-256 stays."""

    name: ClassVar[str] = "invite_member"
    member: MemberId
    member_name: str
    email: str
    permission: Permission
    department: DepartmentId | None
    token_sha256: str
    access_ends_at: datetime | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.invite."""
        return decisions.invite(
            tenant,
            self.member,
            self.member_name,
            self.email,
            self.permission,
            self.department,
            self.token_sha256,
            asker(by),
            request.at,
            self.access_ends_at,
        )


@dataclass(frozen=True, slots=True)
class AcceptInvitation(TenantCommand):
    """Join by the token of one's invitation, and receive a first key."""

    name: ClassVar[str] = "accept_invitation"
    open_to_all: ClassVar[bool] = True
    member: MemberId
    token_sha256: str
    key: str
    key_sha256: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """The membership and its first key."""
        joined = decisions.accept_invitation(tenant, self.member, self.token_sha256, request.at)
        return [*joined, *keys.first_key(tenant, self.key, self.member, "invitation", self.key_sha256)]


@dataclass(frozen=True, slots=True)
class DeactivateMember(WideCommand):
    """End a membership or withdraw an invitation, with a reason. Duties are handed over before, or by `rules`.

    `handover` names one that was carried out; with `leave_duties`, which no member can ask for, duties stay behind.
    """

    name: ClassVar[str] = "deactivate_member"
    member: MemberId
    rules: tuple[Rule, ...] = ()
    handover: str | None = None
    leave_duties: bool = False

    def wants(self) -> Wants:
        """All that the member holds."""
        return Wants(self.member, procedures=named_by(self.rules), loads=bool(self.rules))

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See leaving.deactivate and handing_over.hand_over."""
        given = None
        if self.rules and not has_left(sight.world.tenant, self.member):
            given = hand_over(sight.world, request.command, self.member, self.rules, by, request.reason)
        return deactivate(
            sight.world, self.member, by, request.reason, given, self.handover, leave_duties=self.leave_duties
        )


@dataclass(frozen=True, slots=True)
class ReactivateMember(TenantCommand):
    """Take a former member back."""

    name: ClassVar[str] = "reactivate_member"
    member: MemberId

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.reactivate."""
        return decisions.reactivate(tenant, self.member, asker(by), request.at)


@dataclass(frozen=True, slots=True)
class ChangePermission(WideCommand):
    """Let a member do more or less, with a reason; who becomes an auditor is one until `access_ends_at`.

    An auditor does no steps: duties are handed over before.
    """

    name: ClassVar[str] = "change_permission"
    member: MemberId
    permission: Permission
    access_ends_at: datetime | None = None

    def wants(self) -> Wants:
        """All that the member holds, when they are to do no steps any more."""
        return Wants() if self.permission in DOERS else Wants(self.member)

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See leaving.change_permission."""
        return change_permission(
            sight.world, self.member, self.permission, by, request.reason, request.at, self.access_ends_at
        )


@dataclass(frozen=True, slots=True)
class SetRoleHolders(TenantCommand):
    """Say who holds a role."""

    name: ClassVar[str] = "set_role_holders"
    role: RoleId
    members: tuple[MemberId, ...]

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See company.set_role_holders."""
        return company.set_role_holders(tenant, self.role, self.members, request.at)


@dataclass(frozen=True, slots=True)
class IssueApiKey(TenantCommand):
    """Take another key for oneself; an owner may issue one, with a reason, for a member who has none."""

    name: ClassVar[str] = "issue_api_key"
    key: str
    member: MemberId
    label: str
    key_sha256: str
    expires_at: datetime | None = None
    read_only: bool = False
    only: tuple[str, ...] | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See keys.issue_api_key."""
        return keys.issue_api_key(
            tenant,
            self.key,
            self.member,
            self.label,
            self.key_sha256,
            asker(by),
            request.reason,
            request.at,
            self.expires_at,
            self.read_only,
            self.only,
        )


@dataclass(frozen=True, slots=True)
class RevokeApiKey(TenantCommand):
    """Make a key open nothing any more: one's own, or with a reason another's."""

    name: ClassVar[str] = "revoke_api_key"
    key: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See keys.revoke_api_key."""
        return keys.revoke_api_key(tenant, self.key, asker(by), request.reason)


def asker(by: Member | None) -> Member:
    """The member who asks; a command that is not open to all always has one."""
    if by is None:
        raise NotPermitted("expected a member to ask, but there is none")
    return by
