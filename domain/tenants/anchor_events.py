"""Where a company wants the checkpoints of its log sent, to keep them outside."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AnchorWebhookSet:
    """Each newest checkpoint is sent to the address `new` from now on; None: to none any more."""

    type: ClassVar[str] = "tenant.anchor_webhook_set"
    old: str | None
    new: str | None


AnchorEvent = AnchorWebhookSet
