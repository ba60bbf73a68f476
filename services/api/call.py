"""One request on its way through the API, and its answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from starlette.responses import Response

from domain.ids import MemberId, TenantId
from domain.refusals import NotPermitted
from domain.tenants.member import ApiKey, Member
from domain.tenants.state import Tenant
from services.api.deps import Deps

Headers = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")


class Caller(NamedTuple):
    """Whom a credential stands for, and the company as it was known when it was checked.

    `key` is the API key that was shown, None for a token of the issuer's.
    """

    tenant_id: TenantId
    tenant: Tenant
    member: Member
    key: ApiKey | None

    @property
    def key_id(self) -> str | None:
        """The id of the key that was shown."""
        return self.key.id if self.key else None


class Answer(NamedTuple):
    """Status, body and headers, as they go out."""

    status: int
    body: bytes
    headers: Headers


class InPieces(NamedTuple):
    """An answer whose body is long: it is made while it is sent."""

    status: int
    pieces: AsyncIterator[bytes]
    headers: Headers


@dataclass(slots=True)
class Call:
    """A request with its path parameters, query and body read and checked; `raw` is the body as it came.

    `peer` is the address that it came from, as far as the server knows.
    """

    deps: Deps
    method: str
    path: str
    at: datetime
    headers: Mapping[bytes, bytes]
    ids: Mapping[str, str]
    query: Mapping[str, Any] = field(default_factory=dict)
    caller: Caller | None = None
    body: Any = None
    raw: bytes = b""
    peer: str = ""

    @property
    def known(self) -> Caller:
        """The caller; a route that is not open always has one."""
        if self.caller is None:
            raise NotPermitted("expected a member to ask, but there is none")
        return self.caller

    @property
    def tenant(self) -> TenantId:
        """The caller's tenant: the only one that a request can reach."""
        return self.known.tenant_id

    @property
    def member(self) -> MemberId:
        """The member who asks."""
        return self.known.member.id


Handler = Callable[[Call], Awaitable[Answer | InPieces | Response]]
"""A Response of Starlette's lasts: it hears when its reader has gone."""
