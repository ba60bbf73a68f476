"""Commands of a company's directory (SCIM): bring people in, change them, take them out."""

from dataclasses import dataclass
from typing import ClassVar

from commands.request import Request, StaleVersion
from commands.tenants import TenantCommand, asker
from domain.ids import MemberId
from domain.tenants import provisioning
from domain.tenants.events import TenantEvent
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class ProvisionMember(TenantCommand):
    """Bring a person in through the company's directory, without an invitation."""

    name: ClassVar[str] = "provision_member"
    member: MemberId
    profile: provisioning.Profile

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See provisioning.provision."""
        return provisioning.provision(tenant, self.member, self.profile, asker(by), request.at)


@dataclass(frozen=True, slots=True)
class UpdateProvisioned(TenantCommand):
    """Make a member what the company's directory says; `changes` is the version of them that it saw."""

    name: ClassVar[str] = "update_provisioned"
    member: MemberId
    change: provisioning.Profile
    changes: int | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See provisioning.update."""
        _check_changes(tenant, self.member, self.changes)
        return provisioning.update(tenant, self.member, self.change, asker(by), request.at)


@dataclass(frozen=True, slots=True)
class RemoveProvisioned(TenantCommand):
    """End a membership because the company's directory deleted the person."""

    name: ClassVar[str] = "remove_provisioned"
    member: MemberId
    changes: int | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See provisioning.remove."""
        _check_changes(tenant, self.member, self.changes)
        return provisioning.remove(tenant, self.member, asker(by))


def _check_changes(tenant: Tenant, member: MemberId, seen: int | None) -> None:
    """The directory's If-Match, when there is one."""
    found = tenant.members.get(member)
    if seen is not None and found is not None and found.changes != seen:
        raise StaleVersion(f"expected version {seen}, but it is {found.changes} now", version=found.changes)
