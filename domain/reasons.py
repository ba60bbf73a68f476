"""Why: what auditors will ask about is not done without a reason."""

from domain.refusals import ReasonMissing
from domain.text import is_blank


def need_reason(reason: str | None, to_do: str) -> None:
    """Refuse when no reason that can be read was given for something that auditors will ask about."""
    if reason is None or is_blank(reason):
        raise ReasonMissing(f"expected a reason to {to_do}, but none was given", field="reason")
