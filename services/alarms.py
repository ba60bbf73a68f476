"""What the operator does about alarms, never without a name and a reason."""

from collections.abc import Sequence
from uuid import UUID

from domain.refusals import InvalidInput, ReasonMissing
from infra.evidence.alarms import close_alarm
from services.checkpointer import connect


def close_all(dsn: str, alarms: Sequence[str], by: str, reason: str) -> int:
    """Close open ones; how many of them there were. Raises ReasonMissing, InvalidInput."""
    _who_and_why(by, reason)
    for alarm in alarms:
        _id(alarm, "alarm")
    with connect(dsn) as connection, connection.transaction():
        return sum(close_alarm(connection, alarm, by.strip(), reason.strip()) for alarm in alarms)


def _who_and_why(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ReasonMissing("expected who does it and why, but one of them is empty")


def _id(text: str, of: str) -> None:
    try:
        UUID(text)
    except ValueError:
        raise InvalidInput(f"expected the id of a {of}, but got {text!r}", field=of) from None
