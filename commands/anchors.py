"""Commands on where checkpoints of a company's log are kept outside."""

from dataclasses import dataclass
from typing import ClassVar

from commands.request import Request
from commands.tenants import TenantCommand
from domain.tenants import anchoring
from domain.tenants.events import TenantEvent
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class SetAnchorWebhook(TenantCommand):
    """Send each newest checkpoint of the company's log to an https address of its own, or to none, with a reason.

    What is sent is the signed note: whoever gets it checks the signature, and needs no shared secret.
    """

    name: ClassVar[str] = "set_anchor_webhook"
    url: str | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See anchoring.set_webhook."""
        return [*anchoring.set_webhook(tenant, self.url, request.reason)]


@dataclass(frozen=True, slots=True)
class DirectCheckpoints(TenantCommand):
    """Send each newest checkpoint of a company's log to an address, or to none, with a reason. The operator's alone."""

    name: ClassVar[str] = "direct_checkpoints"
    by_service: ClassVar[bool] = True
    url: str | None = None

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See anchoring.set_webhook."""
        return [*anchoring.set_webhook(tenant, self.url, request.reason)]
