"""What a feed tells of an event: what happened to what, who did it and when. Nothing else of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from fastapi.sse import format_sse_event
from msgspec.structs import replace

from infra.read_store.news import Stored
from queries.seen import Viewer
from queries.who_sees import SeenBy

_encode = msgspec.json.Encoder().encode


class Change(msgspec.Struct, kw_only=True, frozen=True):
    """One event: `seq` is the company's sequence, and the id to resume after. Ask for more with `as_of=<seq>`.

    `kind` is what it is about: run, procedure, tenant (the company itself), or command (one that was refused); `stream`
    is its id, of a refused command that of what it was to change. `actor` is the member who did it; null for what time
    did, and to people from outside for those whom they do not know. `at` is when the log took it in.
    """

    seq: int
    type: str
    kind: str
    stream: str
    step: str | None
    actor: str | None
    at: datetime

    @property
    def block(self) -> bytes:
        """As it is sent."""
        return format_sse_event(id=str(self.seq), data_str=_encode(self).decode())


class _Data(msgspec.Struct):
    step: Any = None
    stream: Any = None


class _Body(msgspec.Struct):
    actor: str | None
    data: _Data


_body = msgspec.json.Decoder(_Body).decode


def change_of(stored: Stored) -> Change:
    """An event as it is told."""
    kind, body = stored.type.partition(".")[0], _body(stored.body)
    return Change(
        seq=stored.seq,
        type=stored.type,
        kind=kind,
        stream=body.data.stream if kind == "command" else stored.stream,
        step=body.data.step if kind == "run" and isinstance(body.data.step, str) else None,
        actor=body.actor,
        at=stored.at,
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one company without a gap, as they are told and as they are sent.

    `seen` says who sees the runs and procedures in it; None when that was not looked up, because nobody needed it.
    """

    changes: Sequence[Change]
    blocks: Sequence[bytes]
    seen: Mapping[str, SeenBy] | None = None

    @classmethod
    def of(cls, stored: Sequence[Stored]) -> "Batch":
        """Those events."""
        changes = [change_of(one) for one in stored]
        return cls(changes, [change.block for change in changes])

    def beyond(self, seq: int) -> "Batch":
        """What of it comes after a sequence."""
        known = max(0, seq + 1 - self.changes[0].seq) if self.changes else 0
        return Batch(self.changes[known:], self.blocks[known:], self.seen) if known else self

    @property
    def about(self) -> set[str]:
        """The runs and procedures in it."""
        return {change.stream for change in self.changes if change.kind in ("run", "procedure")}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader sees: runs and procedures as `viewer`, all of them for None; the rest with `company` alone.

    `logged`: whatever they read is put on record first.
    """

    viewer: Viewer | None
    company: bool
    logged: bool = False

    def shown(self, batch: Batch) -> list[bytes]:
        """The blocks of a batch for this reader; a viewer needs a batch that says who sees what."""
        told = (self._block(change, block, batch) for change, block in zip(batch.changes, batch.blocks, strict=True))
        return [block for block in told if block is not None]

    def _block(self, change: Change, block: bytes, batch: Batch) -> bytes | None:
        if change.kind not in ("run", "procedure"):
            return block if self.company else None
        if self.viewer is None:
            return block
        seen = (batch.seen or {}).get(change.stream)
        if seen is None or not seen.sees(self.viewer):
            return None
        return block if seen.knows(self.viewer, change.actor) else replace(change, actor=None).block
