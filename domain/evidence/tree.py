"""The Merkle tree of RFC 6962, section 2.1, over SHA-256; hashes are 32 bytes, leaves are counted from 0.

A tree that only grows is known by its peaks: the roots of the complete subtrees that its size, in binary, is made of.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""The root of no leaves."""
STRIDE = 8
"""Nodes of every eighth level are stored, one for 256 leaves; those between are computed from what is below."""


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a complete subtree of 2^level leaves, the n-th of its level from 0."""

    level: int
    n: int
    hash: bytes


@dataclass(slots=True)
class Tree:
    """The tree so far: how many leaves, and its peaks from left to right."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, hash_: bytes, level: int = 0) -> list[Node]:
        """Add a leaf's hash, or a complete subtree's; which nodes of a stored level that completed.

        A subtree must begin where one of its size may: at a multiple of 2^level.
        """
        made, n = [], self.size >> level
        self.size += 1 << level
        while n & 1:
            hash_ = node_hash(self.peaks.pop(), hash_)
            level, n = level + 1, n >> 1
            if level % STRIDE == 0:
                made.append(Node(level, n, hash_))
        self.peaks.append(hash_)
        return made

    def extend(self, hashes: Sequence[bytes]) -> list[Node]:
        """Add leaves' hashes, level by level: what `add` comes to for one after the other, in half the time."""
        made: list[Node] = []
        row, last = list(hashes), list[bytes]()
        level = 0
        while row:
            first = self.size >> level
            if level and level % STRIDE == 0:
                made += [Node(level, n, hash_) for n, hash_ in enumerate(row, start=first)]
            if first & 1:
                row = [self.peaks.pop(), *row]
            if len(row) & 1:
                last.append(row.pop())
            row = [node_hash(row[k], row[k + 1]) for k in range(0, len(row), 2)]
            level += 1
        self.size += len(hashes)
        self.peaks += reversed(last)
        return made

    def root(self) -> bytes:
        """The hash of the whole."""
        return joined(self.peaks)


def leaf_hash(leaf: bytes) -> bytes:
    """A leaf's hash; the prefix keeps a leaf from passing for a node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash above two others."""
    return sha256(b"\x01" + left + right).digest()


def joined(peaks: Sequence[bytes]) -> bytes:
    """The root above complete subtrees that become smaller from left to right."""
    if not peaks:
        return EMPTY
    *others, root = peaks
    for peak in reversed(others):
        root = node_hash(peak, root)
    return root


def complete(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees, as (level, n), that the leaves of a subtree of the tree are made of, from left to right.

    `begin` is where a subtree at least as large may begin, as every span of a proof does.
    """
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def stored(level: int, n: int) -> tuple[int, int, int]:
    """The stored nodes that one is computed from: their level, the first, and the one after the last."""
    above = level % STRIDE
    return level - above, n << above, (n + 1) << above


def root_of(begin: int, end: int, node: Callable[[int, int], bytes]) -> bytes:
    """The root above the leaves of a span; `node(level, n)` tells stored nodes, and leaves at level 0."""
    peaks = []
    for level, n in complete(begin, end):
        base, first, after = stored(level, n)
        row = [node(base, k) for k in range(first, after)]
        while len(row) > 1:
            row = [node_hash(row[k], row[k + 1]) for k in range(0, len(row), 2)]
        peaks += row
    return joined(peaks)
