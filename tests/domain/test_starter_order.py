"""What waits for what in the starter procedures: what the source says, and nothing that would hold a deadline up."""

from datetime import date

import pytest

from domain.ids import StepId
from domain.procedures.due import due_date
from domain.procedures.graph import upstream
from domain.procedures.starter import ROLES, STARTER
from domain.runs.state import Run
from domain.tenants.permissions import EVERYONE
from infra.calendar import japan
from tests.domain.test_running_the_starters import carried_out

ARROWS = {
    "hr-1": "2→1 3→2 4→2 5→4 6→4 7→4 8→3 10→8 11→10 12→8 13→8",
    "hr-2": "5→3 6→5 13→12 15→10",
    "fin-1": "7→2 10→3 10→4 10→5 10→6 10→7 10→8 10→9 11→10 12→11 13→12 14→13",
    "ga-2": "2→1 3→2 4→3 5→4 6→5 7→6 8→7",
}
"""The source's own, by the numbers of the steps."""


def waits_for(code: str, step: str, other: str) -> bool:
    return StepId(other) in upstream(STARTER[code])[StepId(step)]


@pytest.mark.parametrize("code", ARROWS)
def test_each_waits_for_what_the_source_says(code: str) -> None:
    steps = STARTER[code].steps
    pairs = [tuple(map(int, arrow.split("→"))) for arrow in ARROWS[code].split()]
    assert [(a, b) for a, b in pairs if steps[b - 1].id not in steps[a - 1].after] == []


@pytest.mark.parametrize(
    ("code", "step", "other"),
    [
        ("hr-1", "orientation", "pc"),
        ("hr-1", "resident-tax", "documents"),
        ("hr-1", "ledgers", "orientation"),
        ("hr-2", "close-accounts", "return-devices"),
        ("hr-2", "social-insurance", "return-insurance"),
        ("hr-2", "employment-insurance", "final-pay"),
        ("hr-3", "remind", "collect"),
        ("hr-3", "statutory-reports", "withholding-slips"),
        ("hr-3", "payroll-reports", "withholding-slips"),
        ("fin-2", "match", "tax-check"),
        ("leg-1", "second-review", "screening"),
        ("ga-1", "meeting", "keep-statements"),
        ("ga-1", "publish", "minutes"),
        ("it-2", "correct", "escalate"),
    ],
)
def test_nothing_waits_for_what_may_come_late(code: str, step: str, other: str) -> None:
    assert not waits_for(code, step, other)


def test_books_and_the_talk_after_thirty_days_are_two_peoples_work() -> None:
    steps = [STARTER["hr-1"].step(StepId(name)) for name in ("ledgers", "interview")]
    due = [(s.role, s.due.offset, s.due.unit) for s in steps if s.due]
    assert due == [("labor", 10, "business_days"), ("dept-manager", 30, "days")]


def test_a_computer_below_a_hundred_thousand_yen_is_ordered_without_approval() -> None:
    run = carried_out(STARTER["it-1"], 0)
    assert statuses(run, "approve-purchase", "order") == ["skipped", "done"]
    dear = carried_out(STARTER["it-1"], -1)
    assert statuses(dear, "approve-purchase", "order") == ["done", "done"]


def test_a_contract_goes_on_or_ends_as_was_decided_and_not_as_was_wished() -> None:
    conditions = [s.condition for s in STARTER["leg-2"].steps if s.condition]
    assert {condition.step for condition in conditions} == {"decide"}
    assert statuses(carried_out(STARTER["leg-2"], 0), "send-notice", "memorandum", "sign") == [
        "skipped", "done", "done",
    ]  # fmt: skip
    assert statuses(carried_out(STARTER["leg-2"], -1), "send-notice", "memorandum", "sign") == [
        "done", "skipped", "skipped",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reissue", "due"),
    [(date(2026, 7, 21), date(2026, 7, 22)), (date(2026, 7, 31), date(2026, 8, 3))],
    ids=["nothing to correct", "corrected"],
)
def test_a_payment_is_asked_for_the_day_after_the_match_or_the_corrected_invoice(reissue: date, due: date) -> None:
    step = STARTER["fin-2"].step(StepId("request"))
    assert step.due
    assert due_date(step.due, {}, {StepId("reissue"): reissue}, japan()) == due


def test_no_role_is_called_like_a_permission() -> None:
    assert not set(ROLES) & set(EVERYONE)


def statuses(run: Run, *steps: str) -> list[str]:
    return [run.steps[StepId(step)].status for step in steps]
