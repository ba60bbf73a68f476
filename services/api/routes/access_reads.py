"""Questions about access itself: which keys there are, and what auditors have read."""

from datetime import date, datetime

from msgspec import Struct

from domain.tenants.folding import fold
from domain.tenants.member import ApiKey
from domain.tenants.permissions import ADMINS
from queries.api_keys import IssuedKey, issued_keys
from queries.reads import ReadRow, reads
from services.api import query as q
from services.api.answers import rows
from services.api.bodies import Uuid
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import All, Page, limit, page, state_then
from services.api.routes.run_reads import READ

UUID = {"type": "string", "format": "uuid"}
INSTANT = {"type": "string", "format": "date-time"}


class KeyRow(Struct, kw_only=True, frozen=True):
    """A key that was not revoked; its secret is not kept. `last_used_on` is a day in UTC, null before the first use.

    `open` is false once it has expired. `only` names all that it does, null for whatever its member may.
    """

    key: str
    member: str
    label: str
    created_at: datetime | None
    created_by: str | None
    last_used_on: date | None
    expires_at: datetime | None
    open: bool
    read_only: bool
    only: tuple[str, ...] | None


async def list_keys(call: Call) -> Answer:
    """One's own keys; all keys for owners and admins."""
    tenant = await state_then(call, fold, call.known.tenant)
    whose = None if call.known.member.permission in ADMINS else call.member
    issued = await issued_keys(call.deps.ask, call.tenant, member=whose, as_of=call.query.get("as_of"))
    keys = [key for key in tenant.keys.values() if whose in (None, key.member)]
    return rows(All(items=[_row(key, issued.get(key.id), call.at) for key in sorted(keys, key=lambda key: key.id)]))


async def list_reads(call: Call) -> Answer:
    """What auditors have read, the newest first."""
    most, given = limit(call), call.query
    found = await reads(
        call.deps.ask,
        call.tenant,
        member=given.get("member"),
        what=given.get("what"),
        since=given.get("from"),
        until=given.get("to"),
        limit=most + 1,
        after=given.get("cursor"),
    )
    return page(found, most)


def _row(key: ApiKey, issued: IssuedKey | None, at: datetime) -> KeyRow:
    """Read models that lag do not know the newest key's origin yet."""
    return KeyRow(
        key=key.id,
        member=key.member,
        label=key.label,
        created_at=issued.created_at if issued else None,
        created_by=issued.created_by if issued else None,
        last_used_on=issued.last_used_on if issued else None,
        expires_at=key.expires_at,
        open=key.is_open(at),
        read_only=key.read_only,
        only=key.only,
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/api-keys",
        "list_api_keys",
        "One's own API keys with their limits, without their secrets; for owners and admins those of everyone.",
        "read_api_keys",
        list_keys,
        answer=All[KeyRow],
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/reads",
        "list_reads",
        "What auditors have read: who, when, what was asked for, and up to which sequence; the newest first.",
        "read_reads",
        list_reads,
        answer=Page[ReadRow],
        query=(
            Query("member", q.uuid("member"), UUID, "Only what this auditor read."),
            Query("what", q.words("what", 100), {"type": "string"}, "Only reads of this route, by its name."),
            Query("from", q.instant("from"), INSTANT, "Only what was read at that time or later."),
            Query("to", q.instant("to"), INSTANT, "Only what was read before that time."),
            q.LIMIT,
            q.cursor_of(tuple[datetime, Uuid]),
        ),
    ),
)
