"""Roots and stored nodes, against published vectors and the RFC's own definition."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence.tree import EMPTY, STRIDE, Tree, leaf_hash, root_of
from tests.domain.evidence.naive import mth
from tests.domain.evidence.vectors import LEAVES, ROOTS


def grown(leaves: Sequence[bytes]) -> tuple[Tree, Mapping[tuple[int, int], bytes]]:
    """A tree, and its stored nodes with the leaves' hashes."""
    tree, nodes = Tree(), {}
    for n, leaf in enumerate(leaves):
        nodes[0, n] = leaf_hash(leaf)
        nodes |= {(one.level, one.n): one.hash for one in tree.add(nodes[0, n])}
    return tree, nodes


def numbered(count: int) -> list[bytes]:
    return [str(n).encode() for n in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_are_ours(size: int) -> None:
    tree, _ = grown(LEAVES[:size])
    assert (tree.size, tree.root()) == (size, ROOTS[size])


def test_no_leaves_have_the_hash_of_nothing() -> None:
    assert Tree().root() == EMPTY == ROOTS[0]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_a_root_is_the_one_of_the_definition(leaves: list[bytes]) -> None:
    assert grown(leaves)[0].root() == mth(leaves)


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_tree_goes_on_from_its_peaks_alone(first: int, more: int) -> None:
    leaves = numbered(first + more)
    before, _ = grown(leaves[:first])
    after = Tree(before.size, list(before.peaks))
    for leaf in leaves[first:]:
        after.add(leaf_hash(leaf))
    assert after.root() == grown(leaves)[0].root()


@given(st.integers(0, 600), st.lists(st.integers(0, 300), max_size=4))
def test_many_leaves_at_once_come_to_what_they_come_to_one_by_one(first: int, more: list[int]) -> None:
    leaves = [leaf_hash(leaf) for leaf in numbered(first + sum(more))]
    tree, other = Tree(), Tree()
    made = [node for leaf in leaves for node in other.add(leaf)]
    found = tree.extend(leaves[:first])
    for count in more:
        found += tree.extend(leaves[tree.size : tree.size + count])
    assert (tree.size, tree.peaks) == (other.size, other.peaks)
    assert sorted(found, key=lambda node: (node.level, node.n)) == sorted(made, key=lambda node: (node.level, node.n))


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 65_536, 65_537])
def test_one_node_is_kept_for_256_of_those_below(size: int) -> None:
    tree, nodes = grown(numbered(size))
    kept = {(one.level, one.n): one.hash for one in Tree().extend([leaf_hash(leaf) for leaf in numbered(size)])}
    assert kept == {key: hash_ for key, hash_ in nodes.items() if key[0]}
    assert sorted(key for key in nodes if key[0]) == [
        *((STRIDE, n) for n in range(size >> 8)),
        *((2 * STRIDE, n) for n in range(size >> 16)),
    ]
    assert root_of(0, size, lambda level, n: nodes[level, n]) == tree.root()


@given(st.integers(1, 700), st.data())
def test_the_root_of_a_span_is_that_of_its_leaves(size: int, data: st.DataObject) -> None:
    _, nodes = grown(numbered(size))
    level = data.draw(st.integers(0, size.bit_length() - 1))
    begin = data.draw(st.integers(0, (size - 1) >> level)) << level
    end = data.draw(st.integers(begin + 1, min(size, begin + (1 << level))))
    assert root_of(begin, end, lambda at, n: nodes[at, n]) == mth(numbered(size)[begin:end])


@given(st.integers(0, 5), st.integers(0, 40))
def test_whole_subtrees_may_be_added_at_once(level: int, after: int) -> None:
    leaves = numbered((3 << level) + after)
    tree = Tree()
    for n in range(3):
        tree.add(mth(leaves[n << level : (n + 1) << level]), level)
    for leaf in leaves[3 << level :]:
        tree.add(leaf_hash(leaf))
    assert (tree.size, tree.root()) == (len(leaves), mth(leaves))
