"""A piece of one tenant's log hashed anew from what is stored, and compared with everything that was said of it.

Nothing that the database computes is trusted: bodies, times and places are read, and leaves and trees made of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from domain.evidence.leaves import leaf_of
from domain.evidence.notes import NoteMalformed, is_signed_by, read_checkpoint, read_note
from domain.evidence.tree import STRIDE, Tree, leaf_hash
from infra.evidence.keys import verify
from infra.evidence.known import Key, origin_of

LEVEL = 16
PIECE = 1 << LEVEL
"""Events of one piece: so that the root of a whole one is a node of the tree."""
AT_ONCE = 5_000
MOST_FAULTS = 20
HASH = 32

EVENTS = """
    SELECT tenant_seq, stream_id::text, version, type, recorded_at, body, leaf_hash, position FROM events
    WHERE tenant_id = %s AND tenant_seq > %s AND tenant_seq <= %s ORDER BY tenant_seq LIMIT %s
"""
BEFORE = "SELECT recorded_at, position FROM events WHERE tenant_id = %s AND tenant_seq = %s"
CHECKPOINTS = """
    SELECT size, signed_at, root, leaves, note FROM checkpoints
    WHERE tenant_id = %(tenant)s AND size > %(first)s AND size <= coalesce((
        SELECT size FROM checkpoints
        WHERE tenant_id = %(tenant)s AND size >= %(after)s ORDER BY size LIMIT 1), %(after)s)
    ORDER BY size, signed_at
"""
NODES = "SELECT n, hash FROM merkle_nodes WHERE tenant_id = %s AND level = %s AND n >= %s AND n < %s"


Place = tuple[datetime, int]
"""When an event was recorded, and its position in the whole log: both only grow."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The events after sequence `first` up to and including `after`; `sizes` are those of checkpoints held outside."""

    tenant: str
    first: int
    after: int
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, at a sequence or, for a checkpoint, at a size."""

    tenant: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A size in the piece: the peaks of the tree of the piece up to there, and the root that was signed, if one was."""

    size: int
    peaks: tuple[bytes, ...]
    signed: bytes | None


@dataclass(slots=True)
class Rehashed:
    """What came of a piece; its `peaks` are those of all of it."""

    piece: Piece
    events: int = 0
    peaks: tuple[bytes, ...] = ()
    marks: list[Mark] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    count: int = 0

    @property
    def is_whole(self) -> bool:
        """No event is missing, so that a tree was made of all of them."""
        return self.events == self.piece.after - self.piece.first

    def fault(self, seq: int, what: str) -> None:
        """One more; only the first ones are kept."""
        self.count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self.piece.tenant, seq, what))


class Said(msgspec.Struct):
    """What a body says of itself."""

    stream: str
    type: str
    version: int


@dataclass(slots=True)
class Claims:
    """What was signed within a piece: roots by size, and the hash of each event from `first` on where there is one."""

    roots: dict[int, bytes] = field(default_factory=dict)
    leaves: dict[int, bytes] = field(default_factory=dict)


_said = msgspec.json.Decoder(Said).decode


def rehash(connection: Connection[Any], piece: Piece, keys: Sequence[Key]) -> Rehashed:
    """Hash a piece anew, and note every event that is not what it was."""
    done = Rehashed(piece)
    claims = _claims(connection, piece, keys, done)
    wanted, tree, nodes = {*claims.roots, *piece.sizes}, Tree(), dict[int, bytes]()
    expected, last = piece.first + 1, _place_before(connection, piece)
    for seq, stream, version, kind, at, body, stored, position in stored_events(connection, piece):
        for missing in range(expected, min(seq, expected + MOST_FAULTS)):
            done.fault(missing, "it is missing")
        done.events, expected = done.events + 1, seq + 1
        made = leaf_hash(leaf_of(body, at, seq, piece.tenant))
        signed = claims.leaves.get(seq)
        place = (at, position)
        if what := _rewritten(made, stored, signed) or _misplaced((stream, kind, version), body, place, last):
            done.fault(seq, what)
        last = place
        nodes |= {node.n: node.hash for node in tree.add(made) if node.level == STRIDE}
        if seq in wanted:
            done.marks.append(Mark(seq, tuple(tree.peaks), claims.roots.get(seq)))
    for missing in range(expected, min(piece.after + 1, expected + MOST_FAULTS)):
        done.fault(missing, "it is missing")
    if done.is_whole:
        _compare_nodes(connection, piece, nodes, done)
    done.peaks = tuple(tree.peaks)
    return done


def _place_before(connection: Connection[Any], piece: Piece) -> Place | None:
    return connection.execute(BEFORE, (piece.tenant, piece.first)).fetchone()


def stored_events(connection: Connection[Any], piece: Piece) -> Iterator[tuple[Any, ...]]:
    """The events as they are stored, in order, a page at a time."""
    cursor, after = connection.cursor(binary=True), piece.first
    while found := cursor.execute(EVENTS, (piece.tenant, after, piece.after, AT_ONCE), prepare=True).fetchall():
        yield from found
        after = found[-1][0]


def _rewritten(made: bytes, stored: bytes, signed: bytes | None) -> str | None:
    if made != stored:
        return "its body, time, sequence or company is not what was hashed when it was appended"
    if signed is not None and made != signed:
        return "it was rewritten together with its hash; another one was signed"
    return None


def _misplaced(filed: tuple[str, str, int], body: bytes, place: Place, last: Place | None) -> str | None:
    if not _is_as_said(filed, body):
        return "it is filed under a type, stream or version that its body does not say"
    if last is None or (place[0] >= last[0] and place[1] > last[1]):
        return None
    return f"its {'time' if place[0] < last[0] else 'position'} is before that of the event before it"


def _is_as_said(filed: tuple[str, str, int], body: bytes) -> bool:
    try:
        said = _said(body)
    except msgspec.MsgspecError:
        return False
    return (said.stream, said.type, said.version) == filed


def _claims(connection: Connection[Any], piece: Piece, keys: Sequence[Key], done: Rehashed) -> Claims:
    """Read what was signed; what is not signed as it should be is a fault and claims nothing."""
    claims, before = Claims(), None if piece.first else 0
    given = {"tenant": piece.tenant, "first": piece.first, "after": piece.after}
    for size, at, root, leaves, note in connection.execute(CHECKPOINTS, given, binary=True):
        begin = size - len(leaves) // HASH
        if leaves and before not in (None, begin):
            done.fault(size, f"the hashes kept with the checkpoint of size {size} are not those since the one before")
        before = size
        for n in range(max(begin, piece.first), min(size, piece.after)):
            claims.leaves[n + 1] = leaves[(n - begin) * HASH : (n - begin + 1) * HASH]
        if size > piece.after:
            break
        if claims.roots.get(size, root) != root:
            done.fault(size, f"there are two checkpoints of size {size} with different roots")
        if what := unsigned(note, piece.tenant, size, root, [key for key in keys if _is_of_then(key, at)]):
            done.fault(size, f"the checkpoint of size {size} {what}")
        claims.roots[size] = root
    return claims


def _is_of_then(key: Key, at: datetime) -> bool:
    """A change of keys is signed by both, at the time of its transaction: a moment before the new key's."""
    return key.valid_until is None or at < key.valid_until


def unsigned(note: str, tenant: str, size: int, root: bytes, keys: Sequence[Key]) -> str | None:
    """What keeps a note from being the checkpoint it should be; None when nothing does."""
    try:
        read = read_note(note)
        found = read_checkpoint(read.text)
    except NoteMalformed:
        return "is no signed note"
    if (found.size, found.root) != (size, root) or found.origin not in {origin_of(key.name, tenant) for key in keys}:
        return "says something else than was kept with it"
    if not any(is_signed_by(read, key.verifier(tenant), verify) for key in keys):
        return "is not signed by a key of then"
    return None


def _compare_nodes(connection: Connection[Any], piece: Piece, made: Mapping[int, bytes], done: Rehashed) -> None:
    begin, end = piece.first >> STRIDE, (piece.after >> STRIDE) + 1
    for n, stored in connection.execute(NODES, (piece.tenant, STRIDE, begin, end), binary=True):
        if n - begin in made and made[n - begin] != stored:
            done.fault((n + 1) << STRIDE, "the stored tree is not that of this event and the 255 before it")
