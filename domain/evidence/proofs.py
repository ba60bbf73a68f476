"""Inclusion and consistency proofs of RFC 6962, section 2.1: what they are made of, and whether they prove anything.

Verification is that of RFC 9162, sections 2.1.3.2 and 2.1.4.2: what is malformed proves nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from domain.evidence.tree import node_hash

LENGTH = 32
Span = tuple[int, int]
"""Leaves from, and up to but not including."""


def inclusion(index: int, size: int) -> list[Span]:
    """The spans whose roots, in this order, prove that leaf `index` is in the tree of `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"expected a leaf from 0 to {size - 1}, but got {index}")
    return list(_aside(index, 0, size))[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """The spans whose roots, in this order, prove that the tree of `new` leaves begins with that of `old`."""
    if not 0 < old <= new:
        raise ValueError(f"expected two sizes from 1, the larger one last, but got {old} and {new}")
    if old == new:
        return []
    begin = next(begin for begin, end in _down(old - 1, 0, new) if end == old)
    # Of the old tree's own last subtree the verifier knows the root only when it is the whole tree.
    last = [(begin, old)] if begin else []
    aside = [span for span in _aside(old - 1, 0, new) if span[1] <= begin or span[0] >= old]
    return [*last, *reversed(aside)]


def proves_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf's hash is proven to be at `index`, from 0, of the tree of that size and root."""
    return _fits(path) and 0 <= index < size and _root_above(leaf, index, size, path) == root


def proves_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of `new` leaves is proven to begin with that of `old`; nothing is proven from size 0."""
    if not (_fits(path) and 0 < old <= new):
        return False
    if old == new:
        return not path and old_root == new_root
    path = [old_root, *path] if old & (old - 1) == 0 else path
    return bool(path) and _roots_of_both(old, new, path) == (old_root, new_root)


def _down(index: int, begin: int, end: int) -> Iterator[Span]:
    """The subtrees on the way down to a leaf, from the whole tree on."""
    yield begin, end
    while end - begin > 1:
        middle = begin + _left(end - begin)
        begin, end = (begin, middle) if index < middle else (middle, end)
        yield begin, end


def _aside(index: int, begin: int, end: int) -> Iterator[Span]:
    """The subtrees beside the way down to a leaf."""
    way = list(_down(index, begin, end))
    for (above, under), (first, after) in pairwise(way):
        yield (after, under) if first == above else (above, first)


def _left(count: int) -> int:
    """How many leaves are in the left subtree: the largest power of two smaller than all of them."""
    return int(1 << ((count - 1).bit_length() - 1))


def _fits(path: Sequence[bytes]) -> bool:
    return all(len(hash_) == LENGTH for hash_ in path)


def _root_above(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    at, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None  # longer than the way to the root
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None


def _roots_of_both(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    below = above = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            below, above = node_hash(sibling, below), node_hash(sibling, above)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            above = node_hash(above, sibling)
        at, last = at >> 1, last >> 1
    return (below, above) if last == 0 else None
