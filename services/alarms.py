"""What the operator does about evidence, never without a name and a reason: closing alarms, setting webhooks."""

from collections.abc import Sequence
from uuid import UUID

from domain.refusals import InvalidInput, ReasonMissing
from infra.evidence.addresses import AddressRefused, check_form
from infra.evidence.alarms import close_alarm
from infra.evidence.anchoring import set_webhook
from infra.settings import Settings
from services.checkpointer import connect


def close_all(dsn: str, alarms: Sequence[str], by: str, reason: str) -> int:
    """Close open ones; how many of them there were. Raises ReasonMissing, InvalidInput."""
    _who_and_why(by, reason)
    for alarm in alarms:
        _id(alarm, "alarm")
    with connect(dsn) as connection, connection.transaction():
        return sum(close_alarm(connection, alarm, by.strip(), reason.strip()) for alarm in alarms)


def send_to(dsn: str, settings: Settings, tenant: str, url: str | None, by: str, reason: str) -> None:
    """Set where a company's checkpoints are sent; None: nowhere. Raises ReasonMissing, InvalidInput."""
    _who_and_why(by, reason)
    _id(tenant, "company")
    try:
        check_form(url or "https://example.com", settings.webhook_hosts)
    except AddressRefused as refused:
        raise InvalidInput(str(refused), field="url") from None
    with connect(dsn) as connection:
        set_webhook(connection, tenant, url, by.strip(), reason.strip())


def _who_and_why(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ReasonMissing("expected who does it and why, but one of them is empty")


def _id(text: str, of: str) -> None:
    try:
        UUID(text)
    except ValueError:
        raise InvalidInput(f"expected the id of a {of}, but got {text!r}", field=of) from None
