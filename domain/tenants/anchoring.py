"""Where checkpoints of a company's log are sent: to an address of its own.

Which addresses may be called is the operator's to say, and checked before.
"""

from domain.reasons import need_reason
from domain.refusals import NotFound
from domain.tenants.anchor_events import AnchorWebhookSet
from domain.tenants.state import Tenant


def set_webhook(tenant: Tenant, url: str | None, reason: str | None) -> list[AnchorWebhookSet]:
    """Send checkpoints to an address from now on, or to none, with a reason."""
    if not tenant.exists:
        raise NotFound("expected a company to send checkpoints of, but there is none of that id")
    need_reason(reason, "change where checkpoints are sent")
    return [] if url == tenant.anchor_webhook else [AnchorWebhookSet(tenant.anchor_webhook, url)]
