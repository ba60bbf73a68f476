"""Checkpoints of the company's log, where they are anchored, and the keys that sign them."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.refusals import NotFound
from infra.evidence.reading import Evidence, Signed, Stamp, Standing
from services.api import query as q
from services.api.answers import encode, rows
from services.api.call import JSON, Answer, Call
from services.api.endpoint import OPEN, Endpoint, Query
from services.api.refusals import SizeNotReached
from services.api.routes.asking import All, Page, limit, page

MOST = 2**53
CACHED = (b"cache-control", b"public, max-age=300")
NUMBER = {"type": "integer", "minimum": 1}



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


async def checkpoint_keys(call: Call) -> Answer:
    """Whose signatures count."""
    found = [
        CheckpointKey(key.name, "ed25519", b64encode(key.public).decode(), key.valid_from, key.valid_until)
        for key in await evidence_of(call).keys()
    ]
    return Answer(200, encode(All(items=found)), [JSON, CACHED])


async def list_checkpoints(call: Call) -> Answer:
    """Checkpoints, newest first."""
    most, given = limit(call), call.query
    found = await evidence_of(call).checkpoints(call.tenant, most + 1, given.get("cursor"), given.get("as_of"))
    return page(found, most)


async def latest_checkpoint(call: Call) -> Answer:
    """The newest checkpoint, or the one of a size."""
    return rows(await checkpoint_of(call, call.query.get("size"), call.query.get("as_of")))


async def evidence_standing(call: Call) -> Answer:
    """Anchors, what is not anchored, and alarms."""
    return rows(await evidence_of(call).standing(call.tenant))


async def checkpoint_timestamps(call: Call) -> Answer:
    """A timestamp authority's word."""
    size = call.query.get("size")
    found = await evidence_of(call).stamp(call.tenant, size)
    return rows(All(items=[] if found is None else [found]))


def evidence_of(call: Call) -> Evidence:
    """What answers. Raises NotFound when this server signs nothing."""
    if call.deps.evidence is None:
        raise NotFound("expected checkpoints of the log, but this server signs none")
    return call.deps.evidence


async def checkpoint_of(call: Call, size: int | None, as_of: Any = None) -> Signed:
    """The newest checkpoint, or the one of a size. Raises NotFound, SizeNotReached."""
    found = await evidence_of(call).checkpoint(call.tenant, size, as_of)
    if found is not None:
        return found
    newest = await evidence_of(call).checkpoint(call.tenant) if size is not None else None
    if newest is not None and size is not None and size > newest.size:
        raise not_reached(size, newest)
    what = "was signed by then" if size is None else "is of that size"
    raise NotFound(f"expected a checkpoint, but none {what}")


def not_reached(size: int, newest: Signed) -> SizeNotReached:
    """What is asked about lies beyond the newest checkpoint."""
    sentence = f"expected at most {newest.size}, the size of the newest checkpoint, but got {size}"
    return SizeNotReached(sentence, size=newest.size)


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
        "/v1/checkpoints/standing",
        "evidence_standing",
        "Where checkpoints are anchored outside, since when the oldest that is not was signed, and what was found "
        "wrong with the company's evidence, who looked after it and what came of it.",
        "read_evidence",
        evidence_standing,
        answer=Standing,
    ),
    Endpoint(
        "GET",
        "/v1/checkpoints/timestamps",
        "checkpoint_timestamps",
        "The newest timestamp (RFC 3161) of a checkpoint, or the first of one that holds at least so many events; none "
        "when there is none.",
        "read_evidence",
        checkpoint_timestamps,
        answer=All[Stamp],
        query=(Query("size", q.whole("size", 1, MOST), NUMBER, "Of a checkpoint of at least this size."),),
    ),
)
