"""What comes out: the models of answers, and the bytes made of them."""

from typing import Any

import msgspec
from msgspec import Struct

from commands.request import Receipt
from services.api.call import JSON, Answer, Headers

encode = msgspec.json.Encoder().encode

NO_STORE = (b"cache-control", b"no-store")
PRIVATE = (b"cache-control", b"private, no-cache")
SHOWN_ONCE = "The secret was shown in the first answer; only its SHA-256 was kept."


class CommandAnswer(Struct, kw_only=True, frozen=True):
    """A command's receipt: the stream it wrote and its version now. Ask with `wait_for=<seq>` to see it.

    `events` is how many it appended: 0 when it was already so, or was answered before (`repeated`).
    """

    command: str
    stream: str
    version: int
    seq: int
    events: int
    repeated: bool


class SecretAnswer(CommandAnswer, kw_only=True, frozen=True):
    """A receipt with a secret that is shown this once; a repeated command's answer says `note` instead."""

    member: str
    secret: str | None
    note: str | None = None


class SignUpAnswer(SecretAnswer, kw_only=True, frozen=True):
    """The new company, its owner, and the owner's first API key (`secret`)."""

    tenant: str
    key: str


class KeyAnswer(SecretAnswer, kw_only=True, frozen=True):
    """The key's id, and the API key itself (`secret`)."""

    key: str


class InvitationAnswer(SecretAnswer, kw_only=True, frozen=True):
    """The invited member, and the token to send to them (`secret`)."""


class ProcedureAnswer(CommandAnswer, kw_only=True, frozen=True):
    """The receipt of a procedure's command, with its id."""

    procedure: str


class RunAnswer(CommandAnswer, kw_only=True, frozen=True):
    """The receipt of a started run, with its id."""

    run: str


class HandoverAnswer(CommandAnswer, kw_only=True, frozen=True):
    """The receipt of a handover, with its id; null when it was so already."""

    handover: str | None


class ErasureAnswer(CommandAnswer, kw_only=True, frozen=True):
    """The receipt of an erasure, with its id; null when they were erased already."""

    erasure: str | None


class HoldAnswer(CommandAnswer, kw_only=True, frozen=True):
    """The receipt of a hold, with its id; null when there is one like it already."""

    hold: str | None


class ExportAnswer(CommandAnswer, kw_only=True, frozen=True):
    """The receipt of an export that was asked for, with its id."""

    export: str


def receipt(found: Receipt, status: int = 200) -> Answer:
    """A plain receipt."""
    body = encode(
        CommandAnswer(
            command=found.command,
            stream=found.stream,
            version=found.version,
            seq=found.seq,
            events=found.events,
            repeated=found.repeated,
        )
    )
    return Answer(status, body, _headers(found))


def made(kind: type[CommandAnswer], found: Receipt, location: str, **more: Any) -> Answer:
    """The receipt of something new, at its own path."""
    parts = {name: getattr(found, name) for name in CommandAnswer.__struct_fields__}
    headers = [*_headers(found), NO_STORE, (b"location", location.encode())]
    return Answer(201, encode(kind(**parts, **more)), headers)


def told_once(found: Receipt, secret: str) -> dict[str, str | None]:
    """The secret, unless the command was carried out before: then its holder has it, or nobody."""
    if found.repeated or not found.events:
        return {"secret": None, "note": SHOWN_ONCE}
    return {"secret": secret}


def rows(body: object, headers: Headers | None = None) -> Answer:
    """The answer to a question."""
    return Answer(200, encode(body), [JSON, PRIVATE, *(headers or [])])


def _headers(found: Receipt) -> Headers:
    return [JSON, (b"etag", b'"%d"' % found.version), (b"ashiato-seq", b"%d" % found.seq)]
