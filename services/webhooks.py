"""Where companies' checkpoints are sent: which addresses may be called, and the operator's word on it.

Whom a name leads to is looked at when it is called.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from commands.anchors import DirectCheckpoints
from commands.request import Request
from domain.ids import CommandId
from domain.refusals import InvalidInput, ReasonMissing
from domain.services import OPERATOR
from domain.text import check_lines
from infra.evidence.addresses import AddressRefused, check_form
from infra.ids import uuid7
from infra.settings import Settings
from services.bootstrap import write_side
from services.lapsing import LONGEST_REASON, company


def callable_address(url: str | None, hosts: Sequence[str]) -> str | None:
    """An address that may be called, or none; `hosts` may be though they are not public. Raises InvalidInput."""
    if url is None:
        return None
    try:
        check_form(url, hosts)
    except AddressRefused as refused:
        raise InvalidInput(str(refused), field="url") from None
    return url


async def send_to(dsn: str, settings: Settings, tenant: str, url: str | None, by: str, reason: str) -> bool:
    """Send the checkpoints of the company of that id or name to an address; None: nowhere. False: it was so already.

    Raises NotOneCompany, ReasonMissing, InvalidInput.
    """
    if not by.strip() or not reason.strip():
        raise ReasonMissing("expected who asked for it and why, but one of them is empty")
    said = check_lines("reason", f"{by.strip()}: {reason.strip()}", LONGEST_REASON)
    command = DirectCheckpoints(callable_address(url, settings.webhook_hosts))
    of = await company(dsn, tenant)
    async with write_side(dsn) as write:
        request = Request(of, CommandId(uuid7()), datetime.now(UTC), actor=OPERATOR.id, reason=said)
        return (await write.commands.execute(request, command)).events > 0
