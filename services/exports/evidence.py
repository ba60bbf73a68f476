"""The evidence: a line for each event, of the very bytes that were hashed; and proofs of lines that are not all."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO

import msgspec
from psycopg import Connection

from domain.evidence.proofs import inclusion
from domain.evidence.tree import Tree, leaf_hash, root_of
from infra.evidence.reading import HASHES, rows_of
from infra.read_store.folding import Stored

_json = msgspec.json.Encoder().encode


def leaf_of(stored: Stored) -> bytes:
    """The leaf of an event: canonical JSON of its body, its time, its sequence and its company."""
    _, tenant, seq, at, body, _ = stored
    return b'{"event":%b,"log":{"at":"%b","seq":%d,"tenant":"%b"}}' % (body, instant(at).encode(), seq, tenant.encode())


def instant(at: datetime) -> str:
    """In UTC, to the microsecond."""
    text = _json(at)[1:-1].decode()
    return text if at.microsecond else f"{text[:-1]}.000000Z"


class Lines:
    """Writes lines and adds them up to a tree; `count`, `first` and `last` sequences are of what was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tree = Tree()
        self.count = 0
        self.first: int | None = None
        self.last: int | None = None
        self.at: tuple[datetime, datetime] | None = None

    def __call__(self, stored: list[Stored]) -> None:
        """Write some events, the next ones."""
        leaves = [leaf_of(one) for one in stored]
        self._file.write(b"\n".join(leaves) + b"\n")
        self.tree.extend([leaf_hash(leaf) for leaf in leaves])
        self.first = self.first or stored[0][2]
        self.last = stored[-1][2]
        self.at = (self.at[0] if self.at else stored[0][3], stored[-1][3])
        self.count += len(stored)


class Proofs:
    """Writes a proof for each line that it is in the tree of a size: `{"path": [...], "seq": n}`, in hexadecimal."""

    def __init__(self, file: BinaryIO, connection: Connection[Any], tenant: str, size: int) -> None:
        self._file = file
        self._cursor = connection.cursor(binary=True)
        self._tenant = tenant
        self._size = size

    def __call__(self, seqs: Iterable[int]) -> None:
        """Write the proofs of some events, in one round trip."""
        paths = {seq: inclusion(seq - 1, self._size) for seq in seqs}
        rows = sorted(set(rows_of([span for spans in paths.values() for span in spans])))
        level, first, after = ([row[n] for row in rows] for n in range(3))
        given = {"tenant": self._tenant, "level": level, "first": first, "after": after}
        found = {(level, n): hash_ for level, n, hash_ in self._cursor.execute(HASHES, given, prepare=True)}
        for seq, spans in paths.items():
            path = [root_of(begin, end, lambda level, n: found[level, n]).hex() for begin, end in spans]
            self._file.write(_json({"path": path, "seq": seq}) + b"\n")
