"""Who may see figures of all companies together: the program's operator, not its customers."""

from services.api.call import Call
from services.api.refusals import OperatorsOnly
from services.operating import asks_from_here, shows_token


def is_operator(call: Call) -> bool:
    """Who shows the operator's token; when none is set, who asks from this machine and through no proxy."""
    token = call.deps.settings.operator_token
    if token is not None:
        return shows_token(token, call.headers.get(b"authorization", b""))
    return asks_from_here(call.peer, {name.decode("latin-1") for name in call.headers})


def need_operator(call: Call) -> None:
    """Refuse everyone else."""
    if not is_operator(call):
        raise OperatorsOnly("expected the operator's token, or a request from this machine, but it is neither")


def need_token(call: Call) -> None:
    """Refuse whoever does not show the operator's token: to change something, being on this machine is not enough."""
    if call.deps.settings.operator_token is None or not is_operator(call):
        raise OperatorsOnly("expected the operator's token, but it is not shown, or none is set")
