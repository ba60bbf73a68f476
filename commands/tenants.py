"""Commands on a tenant: sign-up, plan, departments, members, roles and keys."""

from dataclasses import dataclass
from typing import ClassVar

from commands.request import Request
from domain.ids import DepartmentId, MemberId, RoleId
from domain.refusals import NotPermitted
from domain.tenants import decisions
from domain.tenants.events import TenantEvent
from domain.tenants.permissions import Permission
from domain.tenants.state import Member, Tenant, fold


class TenantCommand:
    """A command that reads and writes the tenant's own stream. `by` is None where nobody need be a member."""

    name: ClassVar[str]
    open_to_all: ClassVar[bool] = False

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
        opened = decisions.sign_up(
            tenant, self.company, self.time_zone, self.owner, self.owner_name, self.email, request.at
        )
        if not opened:
            return []
        owned = fold(opened)
        return [*opened, *decisions.issue_api_key(owned, self.key, self.owner, "sign-up", self.key_sha256)]


@dataclass(frozen=True, slots=True)
class ChoosePlan(TenantCommand):
    """Take a plan at once."""

    name: ClassVar[str] = "choose_plan"
    plan: str
    seats: int | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.choose_plan."""
        return decisions.choose_plan(tenant, self.plan, self.seats, request.at)


@dataclass(frozen=True, slots=True)
class AddDepartment(TenantCommand):
    """Add a department, or give it another title."""

    name: ClassVar[str] = "add_department"
    department: DepartmentId
    title: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.add_department."""
        return decisions.add_department(tenant, self.department, self.title)


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
            known(by),
            request.at,
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
        after = fold(joined, tenant)
        return [*joined, *decisions.issue_api_key(after, self.key, self.member, "invitation", self.key_sha256)]


@dataclass(frozen=True, slots=True)
class DeactivateMember(TenantCommand):
    """End a membership."""

    name: ClassVar[str] = "deactivate_member"
    member: MemberId

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.deactivate."""
        return decisions.deactivate(tenant, self.member)


@dataclass(frozen=True, slots=True)
class ReactivateMember(TenantCommand):
    """Take a former member back."""

    name: ClassVar[str] = "reactivate_member"
    member: MemberId

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.reactivate."""
        return decisions.reactivate(tenant, self.member, request.at)


@dataclass(frozen=True, slots=True)
class ChangePermission(TenantCommand):
    """Let a member do more or less."""

    name: ClassVar[str] = "change_permission"
    member: MemberId
    permission: Permission

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.change_permission."""
        return decisions.change_permission(tenant, self.member, self.permission, known(by), request.at)


@dataclass(frozen=True, slots=True)
class SetRoleHolders(TenantCommand):
    """Say who holds a role."""

    name: ClassVar[str] = "set_role_holders"
    role: RoleId
    members: tuple[MemberId, ...]

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.set_role_holders."""
        return decisions.set_role_holders(tenant, self.role, self.members)


@dataclass(frozen=True, slots=True)
class IssueApiKey(TenantCommand):
    """Give a member a key."""

    name: ClassVar[str] = "issue_api_key"
    key: str
    member: MemberId
    label: str
    key_sha256: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.issue_api_key. Nobody gets a key of someone who may do more than they."""
        holder = tenant.members.get(self.member)
        if holder and holder.permission == "owner" and known(by).permission != "owner":
            raise NotPermitted("expected an owner to issue an owner's key, but they are not one")
        return decisions.issue_api_key(tenant, self.key, self.member, self.label, self.key_sha256)


@dataclass(frozen=True, slots=True)
class RevokeApiKey(TenantCommand):
    """Make a key open nothing any more."""

    name: ClassVar[str] = "revoke_api_key"
    key: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.revoke_api_key."""
        return decisions.revoke_api_key(tenant, self.key)


def known(by: Member | None) -> Member:
    """The member who asks; a command that is not open to all always has one."""
    if by is None:
        raise NotPermitted("expected a member to ask, but there is none")
    return by
