"""Checkpoints of the company's log, proofs about them, and the keys that sign them."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from domain.evidence.notes import Checkpoint, NoteMalformed, is_signed_by, read_checkpoint, read_note
from domain.refusals import InvalidInput, NotFound
from infra.evidence.keys import verify
from infra.evidence.reading import Evidence, HashesMissing, Signed
from services.api import query as q
from services.api.answers import encode, rows
from services.api.call import JSON, Answer, Call
from services.api.endpoint import OPEN, Endpoint, Query
from services.api.refusals import LogAltered, NoteRefused, SizeNotReached
from services.api.routes.asking import All, Page, limit, page

MOST = 2**53
CACHED = (b"cache-control", b"public, max-age=300")
NUMBER = {"type": "integer", "minimum": 1}
LONGEST_NOTE = 10_000

log = structlog.get_logger("ashiato.evidence")


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """A key that signs checkpoints, until `valid_until` (null: still), as Base64 of its 32 bytes.

    A company's verifier key (C2SP) is made of `name`, a slash, the company's id, and this key.
    """

    name: str
    algorithm: str
    public_key: str
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That the event of a sequence is the leaf `seq` - 1 of a checkpoint's tree (RFC 6962, 2.1.1); hexadecimal."""

    seq: int
    leaf_hash: str
    path: list[str]
    checkpoint: Signed


@dataclass(frozen=True, slots=True)
class Consistency:
    """That a checkpoint's tree begins with that of an older size (RFC 6962, 2.1.2); hexadecimal."""

    old_size: int
    old_root: str
    path: list[str]
    checkpoint: Signed


async def checkpoint_keys(call: Call) -> Answer:
    """Whose signatures count."""
    found = [
        CheckpointKey(key.name, "ed25519", b64encode(key.public).decode(), key.valid_from, key.valid_until)
        for key in await _evidence(call).keys()
    ]
    return Answer(200, encode(All(items=found)), [JSON, CACHED])


async def list_checkpoints(call: Call) -> Answer:
    """Checkpoints, newest first."""
    most, given = limit(call), call.query
    found = await _evidence(call).checkpoints(call.tenant, most + 1, given.get("cursor"), given.get("as_of"))
    return page(found, most)


async def latest_checkpoint(call: Call) -> Answer:
    """The newest checkpoint, or the one of a size."""
    return rows(await _checkpoint(call, call.query.get("size"), call.query.get("as_of")))


async def prove_inclusion(call: Call) -> Answer:
    """An event is in a checkpoint."""
    against = await _checkpoint(call, call.query.get("size"))
    seq = call.query.get("seq", against.size)
    if seq > against.size:
        raise _not_reached(seq, against)
    try:
        leaf, path, root = await _evidence(call).inclusion(call.tenant, seq, against.size)
    except HashesMissing:
        raise _altered(call, against.size) from None
    _compare(call, against.size, root.hex(), against.root)
    return rows(Inclusion(seq, leaf.hex(), _hex(path), against))


async def prove_consistency(call: Call) -> Answer:
    """A checkpoint goes on from an older one."""
    given = call.query
    old = await _held(call, given["note"]) if "note" in given else None
    against = await _checkpoint(call, given.get("to"))
    size = int(given.get("from", 1)) if old is None else old.size
    if size > against.size:
        raise _not_reached(size, against) if old is None else _altered(call, size)
    try:
        path, before, after = await _evidence(call).consistency(call.tenant, size, against.size)
    except HashesMissing:
        raise _altered(call, against.size) from None
    _compare(call, against.size, after.hex(), against.root)
    if old is not None:
        _compare(call, size, before.hex(), old.root.hex())
    return rows(Consistency(size, before.hex(), _hex(path), against))


async def _held(call: Call, note: str) -> Checkpoint:
    """A checkpoint that the caller holds. Raises NoteRefused unless it is of the company's log, signed by us."""
    if "from" in call.query:
        raise InvalidInput("expected either 'from' or 'note', but got both", field="note")
    try:
        read = read_note(note)
        found = read_checkpoint(read.text)
    except NoteMalformed as wrong:
        raise NoteRefused(str(wrong), field="note") from None
    verifiers = [key.verifier(call.tenant) for key in await _evidence(call).keys()]
    if found.origin not in {one.name for one in verifiers} or found.size < 1:
        raise NoteRefused("expected a checkpoint of this company's log, but it is another's", field="note")
    if not any(is_signed_by(read, one, verify) for one in verifiers):
        raise NoteRefused("expected a checkpoint signed by a key of this log, but it is not", field="note")
    return found


def _evidence(call: Call) -> Evidence:
    if call.deps.evidence is None:
        raise NotFound("expected checkpoints of the log, but this server signs none")
    return call.deps.evidence


async def _checkpoint(call: Call, size: int | None, as_of: Any = None) -> Signed:
    found = await _evidence(call).checkpoint(call.tenant, size, as_of)
    if found is not None:
        return found
    newest = await _evidence(call).checkpoint(call.tenant) if size is not None else None
    if newest is not None and size is not None and size > newest.size:
        raise _not_reached(size, newest)
    what = "was signed by then" if size is None else "is of that size"
    raise NotFound(f"expected a checkpoint, but none {what}")


def _not_reached(size: int, newest: Signed) -> SizeNotReached:
    sentence = f"expected at most {newest.size}, the size of the newest checkpoint, but got {size}"
    return SizeNotReached(sentence, size=newest.size)


def _compare(call: Call, size: int, ours: str, signed: str) -> None:
    if ours != signed:
        raise _altered(call, size)


def _altered(call: Call, size: int) -> LogAltered:
    log.error("log altered", tenant=call.tenant, size=size)
    return LogAltered(f"expected the log to fit the checkpoint signed at size {size}, but it does not", size=size)


def _hex(path: Sequence[bytes]) -> list[str]:
    return [hash_.hex() for hash_ in path]


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE or "\x00" in text:
        raise NoteRefused("expected a signed note as 'note', but got something else", field="note")
    return text


ENDPOINTS = (
    Endpoint(
        "GET",
        "/.well-known/checkpoint-keys",
        "checkpoint_keys",
        "The public keys that sign checkpoints, and when. Keep them: trust in a checkpoint begins with a key that was "
        "obtained before there was a reason to doubt.",
        OPEN,
        checkpoint_keys,
        answer=All[CheckpointKey],
    ),
    Endpoint(
        "GET",
        "/v1/checkpoints",
        "list_checkpoints",
        "The signed checkpoints of the company's log, newest first; as of then, those of then.",
        "read_evidence",
        list_checkpoints,
        answer=Page[Signed],
        query=(q.LIMIT, q.cursor_of(tuple[int, datetime]), q.AS_OF),
    ),
    Endpoint(
        "GET",
        "/v1/checkpoints/latest",
        "latest_checkpoint",
        "The newest checkpoint: how many events the company's log has, and the root of their Merkle tree (RFC 6962), "
        "as a signed note. Whoever keeps it can show later whether anything before it was changed.",
        "read_evidence",
        latest_checkpoint,
        answer=Signed,
        query=(Query("size", q.whole("size", 1, MOST), NUMBER, "The checkpoint of this size."), q.AS_OF),
    ),
    Endpoint(
        "GET",
        "/v1/proofs/inclusion",
        "prove_inclusion",
        "That an event is in a checkpoint: the hashes on its way to the root.",
        "read_evidence",
        prove_inclusion,
        answer=Inclusion,
        query=(
            Query("seq", q.whole("seq", 1, MOST), NUMBER, "The event's sequence; without it, the checkpoint's last."),
            Query("size", q.whole("size", 1, MOST), NUMBER, "The checkpoint's size; without it, the newest one's."),
        ),
    ),
    Endpoint(
        "GET",
        "/v1/proofs/consistency",
        "prove_consistency",
        "That a checkpoint goes on from an older size: nothing up to there was changed, taken away or put in between. "
        "A checkpoint that one holds is sent as `note`; the log is then compared with it.",
        "read_evidence",
        prove_consistency,
        answer=Consistency,
        query=(
            Query("from", q.whole("from", 1, MOST), NUMBER, "The older size; without it, 1."),
            Query("note", _note, {"type": "string"}, "In place of `from`: a checkpoint that one holds."),
            Query("to", q.whole("to", 1, MOST), NUMBER, "The checkpoint's size; without it, the newest one's."),
        ),
    ),
)
