"""A command's envelope from a request's headers and body: its id, the version it expects, reason and time."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from commands.request import Request
from domain.ids import CommandId, MemberId, TenantId
from domain.refusals import InvalidInput
from domain.text import problem_in_lines
from services.api.call import Call
from services.api.refusals import InvalidHeader

ETAG = re.compile(rb'"([0-9]{1,9})"')
NAMESPACE = uuid5(NAMESPACE_URL, "ashiato:idempotency-key")
LONGEST_KEY = 200
LONGEST_REASON = 2_000
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


class Identity(NamedTuple):
    """A command's id; `repeatable` when the client chose it."""

    command: CommandId
    repeatable: bool


def request_of(call: Call) -> Request:
    """The envelope of a member's command."""
    key = call.headers.get(b"idempotency-key")
    caller, member = call.known, call.member
    return _request(call, identity(call, key, caller.tenant_id + member), caller.tenant_id, member, caller.key_id)


def open_request(call: Call, given: Identity, tenant: TenantId, actor: MemberId | None) -> Request:
    """The envelope of a command that needs no credential."""
    return _request(call, given, tenant, actor, None)


def _request(call: Call, given: Identity, tenant: TenantId, actor: MemberId | None, key: str | None) -> Request:
    version = call.headers.get(b"if-match")
    body = call.body
    # Nobody can repeat a command whose id only we know, so there is nothing to compare it by.
    hashes = _fingerprints(call, actor) if given.repeatable else (b"",)
    return Request(
        tenant,
        given.command,
        call.at,
        actor,
        key,
        None,
        _reason(body.reason) if body is not None else None,
        _occurred_at(body.occurred_at, call.at) if body is not None else None,
        hashes[0],
        given.repeatable,
        None if version is None else _version(version),
        earlier_hashes=hashes[1:],
    )


def identity(call: Call, key: bytes | None, scope: str) -> Identity:
    """The id that a client's Idempotency-Key stands for within `scope`: a UUID of version 5.

    Nothing else is ever made under such an id (see reading.chosen_id), so no client can choose a command's id to
    be that of a run, and keep the record of a refusal from being written.
    """
    if key is None:
        return Identity(CommandId(call.deps.new_id()), False)
    text = key.decode("latin-1").strip().strip('"')
    if not text or len(text) > LONGEST_KEY or not text.isascii() or not text.isprintable():
        raise InvalidHeader(f"expected 1 to {LONGEST_KEY} ASCII characters as Idempotency-Key, but got others")
    return Identity(CommandId(str(uuid5(NAMESPACE, f"{scope}\n{text}"))), True)


def new_id(call: Call, given: Identity, tenant: str, purpose: str) -> str:
    """An id for what a command makes: the same again when the command is sent again."""
    if not given.repeatable:
        return call.deps.new_id()
    return derived(tenant, given.command, purpose)


def derived(*parts: str) -> str:
    """A UUID of version 8 (RFC 9562) that follows from these texts."""
    digest = bytearray(sha256("\n".join(parts).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(digest)))


def _version(header: bytes) -> int:
    found = ETAG.fullmatch(header.strip())
    if found is None:
        raise InvalidHeader("expected If-Match as a version in quotes such as \"3\", but got something else")
    return int(found[1])


def _reason(reason: str | None) -> str | None:
    if reason is None:
        return None
    if wrong := problem_in_lines(reason, LONGEST_REASON):
        sentence = f"expected at most {LONGEST_REASON} characters for 'reason', but got {wrong}"
        raise InvalidInput(sentence, field="reason")
    return reason.strip() or None


def _occurred_at(instant: datetime | None, at: datetime) -> datetime | None:
    if instant is None or EARLIEST <= instant <= at:
        return instant
    raise InvalidInput(
        f"expected an instant from {EARLIEST.date()} to now for 'occurred_at', but got another", field="occurred_at"
    )


def _fingerprints(call: Call, actor: str | None) -> Sequence[bytes]:
    """What tells the same request from another one under the same key: as it is kept now, and as it was before."""
    head = f"{call.method} {call.path}\n{actor}\n"
    digest = sha256(head.encode("utf-8", "surrogatepass") + call.raw).digest()
    return [*call.deps.marks(digest), digest]
