"""Proofs: those of the RFC's definition, accepted; anything else, refused."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence.proofs import Span, consistency, inclusion, proves_consistency, proves_inclusion
from domain.evidence.tree import leaf_hash, root_of
from tests.domain.evidence.naive import mth, path, subproof
from tests.domain.evidence.test_trees import grown, numbered
from tests.domain.evidence.vectors import LEAVES, ROOTS


def roots(size: int, spans: Iterable[Span]) -> list[bytes]:
    _, nodes = grown(numbered(size))
    return [root_of(begin, end, lambda level, n: nodes[level, n]) for begin, end in spans]


@st.composite
def places(draw: st.DrawFn, most: int = 600) -> tuple[int, int]:
    size = draw(st.integers(1, most))
    return draw(st.integers(0, size - 1)), size


@given(places())
def test_an_inclusion_proof_is_the_one_of_the_definition_and_holds(place: tuple[int, int]) -> None:
    index, size = place
    leaves = numbered(size)
    proof = roots(size, inclusion(index, size))
    assert proof == path(index, leaves)
    assert proves_inclusion(leaf_hash(leaves[index]), index, size, proof, mth(leaves))


@given(places())
def test_a_consistency_proof_is_the_one_of_the_definition_and_holds(place: tuple[int, int]) -> None:
    old, new = place[0] + 1, place[1]
    leaves = numbered(new)
    proof = roots(new, consistency(old, new))
    assert proof == subproof(old, leaves)
    assert proves_consistency(old, new, proof, mth(leaves[:old]), mth(leaves))


@given(places(60), st.data())
def test_a_changed_inclusion_proof_proves_nothing(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    leaves, root = numbered(size), mth(numbered(size))
    leaf, proof = leaf_hash(leaves[index]), path(index, leaves)
    assert not proves_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not proves_inclusion(leaf, index, size, [*proof, root], root)
    assert not proves_inclusion(leaf, index, size, [root, *proof], root)
    other = data.draw(st.integers(-2, size + 2).filter(lambda n: n != index))
    assert not proves_inclusion(leaf, other, size, proof, root)
    if proof:
        spoilt = data.draw(st.integers(0, len(proof) - 1))
        assert not proves_inclusion(leaf, index, size, [*proof[:spoilt], *proof[spoilt + 1 :]], root)
        assert not proves_inclusion(leaf, index, size, [*proof[:spoilt], b"\0" * 32, *proof[spoilt + 1 :]], root)
        assert not proves_inclusion(leaf, index, size, [*proof[:-1], proof[-1][:-1]], root)


@given(places(60), st.data())
def test_a_changed_consistency_proof_proves_nothing(place: tuple[int, int], data: st.DataObject) -> None:
    old, new = place[0] + 1, place[1]
    leaves = numbered(new)
    before, after, proof = mth(leaves[:old]), mth(leaves), subproof(old, leaves)
    assert not proves_consistency(old, new, [*proof, after], before, after)
    assert not proves_consistency(old, new, proof, mth([b"x", *leaves[1:old]]), after)
    assert not proves_consistency(old, new, proof, before, mth([b"x", *leaves[1:]]))
    if proof:
        spoilt = data.draw(st.integers(0, len(proof) - 1))
        assert not proves_consistency(old, new, [*proof[:spoilt], *proof[spoilt + 1 :]], before, after)
        assert not proves_consistency(old, new, [*proof[:spoilt], b"\0" * 32, *proof[spoilt + 1 :]], before, after)


def test_a_consistency_proof_from_size_0_is_refused() -> None:
    assert not proves_consistency(0, 8, [], ROOTS[0], ROOTS[8])
    assert not proves_consistency(0, 0, [], ROOTS[0], ROOTS[0])
    with pytest.raises(ValueError, match="sizes from 1"):
        consistency(0, 8)


def test_a_consistency_proof_backwards_is_refused() -> None:
    assert not proves_consistency(8, 4, [], ROOTS[8], ROOTS[4])
    with pytest.raises(ValueError, match="the larger one last"):
        consistency(8, 4)


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    assert proves_consistency(8, 8, [], ROOTS[8], ROOTS[8])
    assert not proves_consistency(8, 8, [], ROOTS[8], ROOTS[7])
    assert not proves_consistency(8, 8, [ROOTS[1]], ROOTS[8], ROOTS[8])


def test_a_size_larger_than_the_tree_is_refused() -> None:
    proof = path(2, LEAVES)
    assert proves_inclusion(leaf_hash(LEAVES[2]), 2, 8, proof, ROOTS[8])
    assert not proves_inclusion(leaf_hash(LEAVES[2]), 2, 16, proof, ROOTS[8])
    assert not proves_inclusion(leaf_hash(LEAVES[2]), 2, 0, proof, ROOTS[8])
    with pytest.raises(ValueError, match="a leaf from 0 to 7"):
        inclusion(8, 8)


@pytest.mark.parametrize("exponent", range(1, 31))
def test_proofs_grow_as_the_logarithm_of_the_size(exponent: int) -> None:
    assert len(inclusion(0, 2**exponent)) == exponent
    assert len(consistency(2 ** (exponent - 1), 2**exponent)) == 1
    assert len(consistency(2**exponent - 1, 2**exponent)) == exponent + (exponent > 1)
