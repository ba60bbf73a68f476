"""Refusals as problems (RFC 9457): `type` is `/problems/<code>`, a page that says more."""

from collections.abc import Mapping
from secrets import token_hex

import msgspec
import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from commands.ports import LogUnavailable
from commands.request import KeyRevoked, StaleVersion
from domain.refusals import Kind, Refusal
from infra.event_store.reader import EventUnreadable
from infra.oidc.keys import IssuerUnavailable
from infra.read_store.access_log import ReadNotWritten
from infra.read_store.asking import AsOfNotScanned, AsOfUnknown
from infra.read_store.past import PastUnfoldable
from services.api.call import Answer
from services.api.refusals import (
    CannotBeFolded,
    EdgeRefusal,
    InternalError,
    InTheFuture,
    IssuerDown,
    MethodNotAllowed,
    NotYetProjected,
    ReadNotLogged,
    Unauthenticated,
    Unavailable,
)
from services.logs import described

STATUS: Mapping[Kind, int] = {"not_found": 404, "forbidden": 403, "conflict": 409, "invalid": 422}
OTHERWISE: Mapping[str, int] = {StaleVersion.code: 412, KeyRevoked.code: 401}
TRY_AGAIN = 503

BECOMES: Mapping[type[Exception], type[EdgeRefusal]] = {
    AsOfNotScanned: NotYetProjected,
    EventUnreadable: CannotBeFolded,
    ReadNotWritten: ReadNotLogged,
    IssuerUnavailable: IssuerDown,
}
"""Errors of what is below that are refusals with the same sentence."""

CONTENT = (b"content-type", b"application/problem+json")
EXTRA: Mapping[int, tuple[bytes, bytes]] = {
    401: (b"www-authenticate", b'Bearer realm="ashiato"'),
    413: (b"connection", b"close"),
    429: (b"retry-after", b"5"),
    TRY_AGAIN: (b"retry-after", b"1"),
}

log = structlog.get_logger("ashiato.api")
_encode = msgspec.json.Encoder().encode


def status_of(refusal: Refusal | type[Refusal]) -> int:
    """The HTTP status of a refusal, or of a class of them."""
    if isinstance(refusal, EdgeRefusal) or (isinstance(refusal, type) and issubclass(refusal, EdgeRefusal)):
        return refusal.status
    return OTHERWISE.get(refusal.code) or STATUS[refusal.kind]


def title_of(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ").capitalize()


def problem(refusal: Refusal) -> Answer:
    """The answer to a refused request."""
    status = status_of(refusal)
    body = {
        "type": f"/problems/{refusal.code}",
        "title": title_of(refusal.code),
        "status": status,
        "detail": refusal.sentence,
        **refusal.facts,
    }
    headers = [CONTENT, EXTRA[status]] if status in EXTRA else [CONTENT]
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", str(refusal.facts["allowed"]).encode()))
    return Answer(status, _encode(body), headers)


def answer_to(error: Exception, route: str) -> Answer:
    """The answer to anything that went wrong; what nobody foresaw is logged under an incident's id."""
    if isinstance(error, KeyRevoked):
        return problem(Unauthenticated())
    if (refusal := _as_refusal(error)) is not None:
        return problem(refusal)
    if isinstance(error, LogUnavailable | OperationalError | PoolTimeout):
        log.warning("log unavailable", route=route, error=type(error).__name__)
        return problem(Unavailable("expected to reach the log, but it did not answer in time"))
    incident = token_hex(8)
    log.error("incident", incident=incident, route=route, **described(error))
    return problem(InternalError(f"expected to answer, but something failed: incident {incident}", incident=incident))


def _as_refusal(error: Exception) -> Refusal | None:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, AsOfUnknown):
        return InTheFuture(str(error), field="as_of")
    if isinstance(error, PastUnfoldable):
        where = {"projection": error.projection, **({} if error.seq is None else {"seq": error.seq})}
        return CannotBeFolded(str(error), **where)
    return BECOMES[type(error)](str(error)) if type(error) in BECOMES else None
