"""Who may see figures of all companies together: the program's operator, not its customers."""

from hmac import compare_digest
from ipaddress import ip_address

from services.api.call import Call
from services.api.refusals import OperatorsOnly

BY_PROXY = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")


def is_operator(call: Call) -> bool:
    """Who shows the operator's token; when none is set, who asks from this machine and through no proxy."""
    token = call.deps.settings.operator_token
    if token is not None:
        return compare_digest(call.headers.get(b"authorization", b""), b"Bearer " + token.encode())
    return _is_here(call.peer) and not any(header in call.headers for header in BY_PROXY)


def need_operator(call: Call) -> None:
    """Refuse everyone else."""
    if not is_operator(call):
        raise OperatorsOnly("expected the operator's token, or a request from this machine, but it is neither")


def need_token(call: Call) -> None:
    """Refuse whoever does not show the operator's token: to change something, being on this machine is not enough."""
    if call.deps.settings.operator_token is None or not is_operator(call):
        raise OperatorsOnly("expected the operator's token, but it is not shown, or none is set")


def _is_here(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False
