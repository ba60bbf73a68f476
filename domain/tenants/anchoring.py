"""Where checkpoints of a company's log are sent: to an address of its own, over https, in the public internet.

Whom a name leads to is looked at when it is called; what says by itself that it leads elsewhere is refused here.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from domain.reasons import need_reason
from domain.refusals import InvalidInput
from domain.tenants.anchor_events import AnchorWebhookSet
from domain.tenants.state import Tenant

LONGEST = 500


def set_webhook(tenant: Tenant, url: str | None, reason: str | None) -> list[AnchorWebhookSet]:
    """Send checkpoints to an address from now on, or to none, with a reason."""
    if url is not None:
        _check(url)
    need_reason(reason, "change where checkpoints are sent")
    return [] if url == tenant.anchor_webhook else [AnchorWebhookSet(tenant.anchor_webhook, url)]


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a port that is none is found out here
    except ValueError:
        raise InvalidInput("expected an https address, but it cannot be read", field="url") from None
    if not host or len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidInput(f"expected an https address of at most {LONGEST} ASCII characters", field="url")
    if parts.scheme != "https":
        raise InvalidInput("expected an https address, but it is another", field="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput("expected an address without a user, a password or a fragment, but it has one", field="url")
    if not _may_be_public(host):
        raise InvalidInput("expected an address in the public internet, but it leads elsewhere", field="url")


def _may_be_public(host: str) -> bool:
    """False for numbers of private networks; names are looked up when they are called."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return True
