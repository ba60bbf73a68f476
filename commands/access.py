"""Commands on who gets in: how long an auditor may, and whom tokens of an identity provider stand for."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from commands.request import Request
from commands.tenants import TenantCommand, asker
from domain.ids import MemberId
from domain.tenants import decisions, identities
from domain.tenants.events import TenantEvent
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class ExtendAccess(TenantCommand):
    """Give an auditor more time, or less, with a reason."""

    name: ClassVar[str] = "extend_access"
    member: MemberId
    ends_at: datetime

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.extend_access."""
        return decisions.extend_access(tenant, self.member, self.ends_at, request.reason, request.at)


@dataclass(frozen=True, slots=True)
class LinkIdentity(TenantCommand):
    """Say that an identity provider's subject is this member, with a reason: its tokens let them in."""

    name: ClassVar[str] = "link_identity"
    member: MemberId
    issuer: str
    subject: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See identities.link_identity."""
        reason = request.reason
        return [*identities.link_identity(tenant, self.member, self.issuer, self.subject, asker(by), reason)]


@dataclass(frozen=True, slots=True)
class UnlinkIdentity(TenantCommand):
    """Let no identity provider's token in as this member any more, with a reason."""

    name: ClassVar[str] = "unlink_identity"
    member: MemberId

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See identities.unlink_identity."""
        return [*identities.unlink_identity(tenant, self.member, asker(by), request.reason)]


@dataclass(frozen=True, slots=True)
class ClaimIdentity(TenantCommand):
    """Come in for the first time with a token whose address is verified; nobody sends this, a sign-in does it."""

    name: ClassVar[str] = "claim_identity"
    open_to_all: ClassVar[bool] = True
    member: MemberId
    issuer: str
    subject: str
    email: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See identities.claim_identity."""
        return [*identities.claim_identity(tenant, self.member, self.issuer, self.subject, self.email)]
