"""Sums across streams are the same whatever the order, the parts and the batches that they were made in."""

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.engine import Row, Rows, Tally
from projections.tallying import Sums, counted, numbers_of
from tests.projections.census import CensusStep, Happened, Standing, census

Steps = dict[str, str | None]
"""What each step of a run is to become; None takes it away."""

runs = st.lists(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["waiting", "ready", None])), max_size=6),
    max_size=5,
)
rows_of_tallies = st.lists(
    st.builds(Happened, st.sampled_from(["t1", "t2"]), st.sampled_from("xyz"), st.integers(-3, 3))
    | st.builds(Standing, st.just("t1"), st.sampled_from("ab"), st.just("s"), st.integers(-3, 3), st.integers(-3, 3)),
    max_size=20,
)


def become(rows: Rows, run: int, steps: Steps) -> None:
    """What a batch of events does to a run's rows."""
    for step, status in steps.items():
        if status is None:
            rows.drop(CensusStep, step)
        else:
            rows.add(CensusStep("t", f"run{run}", step, "hr", status))


def read_back(rows: Rows) -> Rows:
    """As after a restart: what is held is loaded, and nothing else is known."""
    again = census.rows()
    for row in rows.all(CensusStep):
        again.load(CensusStep("t", row.run_id, row.step_id, row.department, row.status))
    return again


@given(runs, st.randoms(use_true_random=False))
def test_differences_batch_by_batch_add_up_to_what_stands_at_the_end(
    histories: list[list[Steps]], chance: Random
) -> None:
    differences, stands = Sums(), Sums()
    for run, batches in enumerate(histories):
        rows = census.rows()
        for steps in batches:
            if chance.random() < 0.3:
                rows = read_back(rows)
            census.fold(rows, ())  # as the engine begins every batch
            become(rows, run, steps)
            census.end(rows)
            differences.add(rows.sums)
            rows.settle()
        once = census.rows()
        for steps in batches:
            become(once, run, steps)
        census.end(once)
        stands.add(once.sums)
    assert differences.rows() == stands.rows()


@given(rows_of_tallies, st.randoms(use_true_random=False))
def test_the_order_and_the_parts_change_nothing(rows: list[Row], chance: Random) -> None:
    mixed = chance.sample(rows, len(rows))
    cuts = sorted({0, len(rows), *(chance.randint(0, len(rows)) for _ in range(3))})
    parts = Sums()
    for start, end in pairwise(cuts):
        parts.add(counted(mixed[start:end]))
    assert parts.rows() == counted(rows).rows()


@given(rows_of_tallies)
def test_what_is_taken_away_again_leaves_nothing(rows: list[Row]) -> None:
    sums = counted(rows)
    sums.change(counted(reversed(rows)), Sums())
    assert sums.rows() == {}


@given(rows_of_tallies, rows_of_tallies)
def test_a_change_leads_from_what_was_to_what_is(before: list[Row], after: list[Row]) -> None:
    sums = counted(before)
    sums.change(counted(before), counted(after))
    assert sums.rows() == counted(after).rows()


@given(rows_of_tallies)
def test_rows_come_in_the_order_of_their_keys(rows: list[Row]) -> None:
    for table, found in counted(rows).rows().items():
        keys = [tuple(getattr(row, name) for name in ("tenant_id", *table.key)) for row in found]  # type: ignore[attr-defined]
        assert keys == sorted(keys)


def test_a_tally_that_counts_nothing_or_has_its_key_elsewhere_is_refused() -> None:
    @dataclass(slots=True)
    class Uncounted(Tally):
        table: ClassVar[str] = "uncounted"
        key: ClassVar[tuple[str, ...]] = ("what",)
        tenant_id: str
        what: str

    @dataclass(slots=True)
    class Behind(Tally):
        table: ClassVar[str] = "behind"
        key: ClassVar[tuple[str, ...]] = ("what",)
        tenant_id: str
        times: int
        what: str

    for table in (Uncounted, Behind):
        with pytest.raises(TypeError, match="expected"):
            numbers_of(table)
