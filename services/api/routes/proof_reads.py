"""Proofs about checkpoints: that an event is in one, and that one goes on from another."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from domain.evidence.notes import Checkpoint, NoteMalformed, is_signed_by, read_checkpoint, read_note
from domain.refusals import InvalidInput
from infra.evidence.keys import verify
from infra.evidence.reading import HashesMissing, Signed
from services.api import query as q
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.refusals import LogAltered, NoteRefused
from services.api.routes.checkpoint_reads import MOST, NUMBER, checkpoint_of, evidence_of, not_reached

LONGEST_NOTE = 10_000

log = structlog.get_logger("ashiato.evidence")


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


async def prove_inclusion(call: Call) -> Answer:
    """An event is in a checkpoint."""
    against = await checkpoint_of(call, call.query.get("size"))
    seq = call.query.get("seq", against.size)
    if seq > against.size:
        raise not_reached(seq, against)
    try:
        leaf, path, root = await evidence_of(call).inclusion(call.tenant, seq, against.size)
    except HashesMissing:
        raise _altered(call, against.size) from None
    _compare(call, against.size, root.hex(), against.root)
    return rows(Inclusion(seq, leaf.hex(), _hex(path), against))


async def prove_consistency(call: Call) -> Answer:
    """A checkpoint goes on from an older one."""
    given = call.query
    old = await _held(call, given["note"]) if "note" in given else None
    against = await checkpoint_of(call, given.get("to"))
    size = int(given.get("from", 1)) if old is None else old.size
    if size > against.size:
        raise not_reached(size, against) if old is None else _altered(call, size)
    try:
        path, before, after = await evidence_of(call).consistency(call.tenant, size, against.size)
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
    verifiers = [key.verifier(call.tenant) for key in await evidence_of(call).keys()]
    if found.origin not in {one.name for one in verifiers} or found.size < 1:
        raise NoteRefused("expected a checkpoint of this company's log, but it is another's", field="note")
    if not any(is_signed_by(read, one, verify) for one in verifiers):
        raise NoteRefused("expected a checkpoint signed by a key of this log, but it is not", field="note")
    return found


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
