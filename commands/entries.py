"""What a command appends, and what its caller is told of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from commands.catalogue import Command
from commands.looked import Looked
from commands.ports import Entry, NewEvent, Seen, Verdict
from commands.request import FirstRefusal, IdempotencyKeyReused, Receipt, Request
from domain.events import CommandRefused, Event
from domain.refusals import Refusal


def entry_of(request: Request, looked: Looked, events: Sequence[Event]) -> Entry:
    """What a decision appends: its events, and every stream it looked at with the version it saw."""
    stream, version = looked.written, looked.version
    # Published versions of a procedure never change: a run's own commands need not check its stream.
    seen = [
        Seen(s, k.version, s == stream)
        for s, k in looked.known.items()
        if k.kind != "procedure" or s == stream or version == 0
    ]
    new = [NewEvent(stream, n, event) for n, event in enumerate(events, version + 1)]
    result = b'{"events":%d,"stream":"%s","version":%d}' % (len(new), stream.encode(), version + len(new))
    return _entry(request, result, seen, new)


def entry_of_refusal(request: Request, command: Command, looked: Looked, refusal: Refusal) -> Entry:
    """A refusal's own stream, named by the command's id: no other writer can be in its way."""
    event = CommandRefused(command.name, refusal.code, refusal.sentence, looked.written, looked.kind)
    result = {"refused": refusal.code, "sentence": refusal.sentence, "kind": refusal.kind}
    seen = [Seen(request.command, 0, True)]
    return _entry(request, json.dumps(result).encode(), seen, [NewEvent(request.command, 1, event)])


def _entry(request: Request, result: bytes, seen: Sequence[Seen], events: Sequence[NewEvent]) -> Entry:
    return Entry(
        request.tenant,
        request.command,
        request.request_hash,
        result,
        seen,
        events,
        request.actor,
        request.on_behalf_of,
        request.reason,
        request.occurred_at,
        request.correlation,
        request.causation,
        request.at if request.simulated else None,
    )


def receipt_of(request: Request, looked: Looked, events: int, position: int, seq: int) -> Receipt:
    """The receipt of `events` appended, the last of them at a position and a sequence."""
    return Receipt(request.command, looked.written, looked.version + events, position, seq, events)


def repeated(request: Request, verdict: Verdict) -> Receipt:
    """The first answer again, when it is the same request."""
    if verdict.request_hash not in (request.request_hash, *request.earlier_hashes):
        raise IdempotencyKeyReused("expected the same request for the same key, but it is another one")
    first: dict[str, Any] = json.loads(verdict.result)
    if "refused" in first:
        refusal = FirstRefusal(first["sentence"])
        refusal.code = first["refused"]  # type: ignore[misc]  # the first refusal's own code and kind
        refusal.kind = first["kind"]  # type: ignore[misc]
        raise refusal
    return replace(
        Receipt(request.command, first["stream"], first["version"], verdict.position, verdict.seq, 0), repeated=True
    )
