"""docs/scaling.md holds what bench.growth computes from bench/results.json; and the computation does what it says."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.growth import BEGIN, END, PAGE, SHAPES, Assumed, measured, page, placed, tables, waiting

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_holds_what_was_measured() -> None:
    assert TEXT.count(BEGIN) == TEXT.count(END) == 1
    assert page(TEXT, tables(measured())) == TEXT, "expected the tables of `make growth`, but the page has others"


@given(st.integers(1, 400), st.integers(1, 40), st.integers(0, 9), st.sampled_from(sorted(SHAPES)))
def test_no_place_has_less_than_the_largest_company_and_none_is_lost(
    companies: int, places: int, seed: int, shape: str
) -> None:
    sizes = SHAPES[shape](companies, Assumed(), Random(seed))
    found = placed(sizes, places, seed)
    assert math.isclose(math.fsum(sizes), 1.0)
    assert found.largest <= found.fullest + 1e-9
    assert 1.0 - 1e-9 <= found.skew <= places + 1e-9


@pytest.mark.parametrize(("rate", "expected"), [(0, 0.01), (50, 0.02), (99, 1.0), (100, None), (200, None)])
def test_work_waits_longer_the_fuller_a_place_is(rate: float, expected: float | None) -> None:
    assert waiting(rate, 100) == expected


def test_the_same_seed_places_the_same() -> None:
    sizes = SHAPES["Zipf"](1_000, Assumed(), Random(1))
    assert placed(sizes, 12, 1) == placed(sizes, 12, 1) != placed(sizes, 12, 2)
