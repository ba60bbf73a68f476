"""Due dates that count from another step: they follow it, whatever becomes of it."""

from datetime import date

import pytest

from domain.runs import events as e
from domain.runs.decisions import approve_step, skip_step
from tests.domain.joinings import CONTRACT_READY, CONTRACTED, OFFERED, PC_DUE
from tests.given import given
from tests.people import BUNTA, CONTRACT, PC, TAX, TODAY, TUESDAY

A_DAY_LATER = date(2026, 4, 9)
SET = date(2026, 4, 30)
BACK = (e.StepReopened(CONTRACT, (CONTRACT, PC, TAX)), CONTRACT_READY)


def due_of_the_pc(*history: e.RunEvent) -> date | None:
    """When the PC is due, once the contract was approved on Tuesday."""
    events = given(*history).on(TUESDAY).when(approve_step, CONTRACT, BUNTA).decided()
    return next(event.due for event in events if isinstance(event, e.StepReady) and event.step == PC)


def test_what_was_counted_is_counted_anew_when_the_step_before_is_done_again() -> None:
    assert due_of_the_pc(*CONTRACTED, *BACK) == A_DAY_LATER


@pytest.mark.parametrize("when", ["before it was ready", "while it was ready", "after it went back"])
def test_what_a_person_set_stays(when: str) -> None:
    old = None if when == "before it was ready" else PC_DUE
    changed = e.DueDateChanged(PC, old, SET)
    histories = {
        "before it was ready": (*OFFERED, changed),
        "while it was ready": (*CONTRACTED, changed, *BACK),
        "after it went back": (*CONTRACTED, *BACK, changed),
    }
    assert due_of_the_pc(*histories[when]) == SET


def test_what_is_due_after_a_step_that_was_skipped_counts_from_the_day_of_the_skip() -> None:
    skipped = e.StepSkipped(CONTRACT, "person", TODAY)
    ready = given(*OFFERED).when(skip_step, CONTRACT, "書面で済み").decided()
    assert ready[0] == skipped
    assert [event.due for event in ready if isinstance(event, e.StepReady)] == [PC_DUE]


def test_a_step_that_goes_back_and_is_then_skipped_counts_from_the_skip() -> None:
    events = given(*CONTRACTED, *BACK).on(TUESDAY).when(skip_step, CONTRACT, "不要").decided()
    assert [event.due for event in events if isinstance(event, e.StepReady)] == [A_DAY_LATER]
