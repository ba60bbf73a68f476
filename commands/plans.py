"""Commands on a company's plan, and those that services give: the scheduler when time has come, the operator."""

from dataclasses import dataclass
from typing import ClassVar

from commands.request import Request
from commands.tenants import TenantCommand
from domain.ids import MemberId
from domain.tenants import decisions, subscription
from domain.tenants.events import TenantEvent
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class WithdrawPlanChange(TenantCommand):
    """Let a scheduled change of the plan, or its cancellation, not happen; with a reason."""

    name: ClassVar[str] = "withdraw_plan_change"

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See subscription.withdraw_plan_change."""
        return subscription.withdraw_plan_change(tenant, request.reason)


@dataclass(frozen=True, slots=True)
class CancelPlan(TenantCommand):
    """End the subscription with the billing month, with a reason; then it is read-only until a plan is chosen."""

    name: ClassVar[str] = "cancel_plan"

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See subscription.cancel_plan."""
        return subscription.cancel_plan(tenant, request.reason, request.at)


@dataclass(frozen=True, slots=True)
class LapsePlan(TenantCommand):
    """End a company's subscription at once, with a reason: read-only until a plan is chosen. The operator's alone."""

    name: ClassVar[str] = "lapse_plan"
    by_service: ClassVar[bool] = True

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See subscription.lapse_plan."""
        return subscription.lapse_plan(tenant, request.reason, request.at)


@dataclass(frozen=True, slots=True)
class EndTrial(TenantCommand):
    """Note that the trial ended without a plan."""

    name: ClassVar[str] = "end_trial"
    by_service: ClassVar[bool] = True

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See subscription.end_trial."""
        return subscription.end_trial(tenant, request.at)


@dataclass(frozen=True, slots=True)
class ExpireInvitation(TenantCommand):
    """Note that nobody accepted an invitation in time."""

    name: ClassVar[str] = "expire_invitation"
    by_service: ClassVar[bool] = True
    member: MemberId

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See decisions.expire_invitation."""
        return decisions.expire_invitation(tenant, self.member, request.at)


@dataclass(frozen=True, slots=True)
class ApplyPlanChange(TenantCommand):
    """Carry out the change of the plan whose moment has come, or say why it is refused."""

    name: ClassVar[str] = "apply_plan_change"
    by_service: ClassVar[bool] = True

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See subscription.apply_plan_change."""
        return subscription.apply_plan_change(tenant, request.at)
