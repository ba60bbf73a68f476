"""What waits for what."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import DepartmentId, RoleId, StepId
from domain.procedures.checks import check
from domain.procedures.definition import Definition, Role, Step
from domain.procedures.graph import cycles, downstream, upstream

A, B, C = StepId("a"), StepId("b"), StepId("c")
HR = RoleId("hr")


def step(name: str, *after: str) -> Step:
    return Step(StepId(name), name, HR, after=tuple(map(StepId, after)))


def procedure(*steps: Step) -> Definition:
    return Definition("手続き", DepartmentId("hr"), steps, (Role(HR, "人事"),))


ORDINARY = procedure(step("a"), step("b", "a"), step("c", "b"))


def test_upstream_is_all_that_a_step_waits_for() -> None:
    assert upstream(ORDINARY) == {A: set(), B: {A}, C: {A, B}}


def test_downstream_is_all_that_waits_for_a_step() -> None:
    assert downstream(ORDINARY) == {A: {B, C}, B: {C}, C: set()}


def test_a_step_that_waits_for_itself_is_a_cycle() -> None:
    assert cycles(procedure(step("a", "a"))) == [(A, A)]


def test_a_cycle_is_the_shortest_through_its_first_step() -> None:
    assert cycles(procedure(step("a", "b", "c"), step("b", "c"), step("c", "a"))) == [(A, C, A)]


def test_cycles_that_share_nothing_are_found_each() -> None:
    assert cycles(procedure(step("a", "a"), step("b", "c"), step("c", "b"))) == [(A, A), (B, C, B)]


def test_a_step_that_waits_for_an_unknown_one_waits_for_nothing() -> None:
    assert upstream(procedure(step("a", "zz"))) == {A: set()}


@given(st.integers(1, 12), st.data())
def test_a_planted_cycle_is_found(size: int, data: st.DataObject) -> None:
    edges = {n: set(data.draw(st.sets(st.integers(0, n - 1)) if n else st.just(set()))) for n in range(size)}
    late = data.draw(st.integers(0, size - 1))
    early = data.draw(st.integers(0, late))
    for n in range(early + 1, late + 1):
        edges[n].add(n - 1)
    edges[early].add(late)
    definition = procedure(*(step(f"s{n}", *(f"s{m}" for m in edges[n])) for n in range(size)))
    found = cycles(definition)
    waits = {s.id: s.after for s in definition.steps}
    assert found
    assert all(b in waits[a] for cycle in found for a, b in pairwise(cycle))


@given(st.integers(1, 12), st.data())
def test_steps_that_wait_for_earlier_ones_have_no_cycle(size: int, data: st.DataObject) -> None:
    steps = [step("s0")]
    for n in range(1, size):
        before = data.draw(st.sets(st.integers(0, n - 1)))
        steps.append(step(f"s{n}", *(f"s{m}" for m in before)))
    check(procedure(*steps))
