"""The eleven procedures make sense, and fall due on the days one counts by hand."""

from datetime import date

import pytest

from domain.ids import AnchorId, StepId
from domain.procedures.checks import check
from domain.procedures.definition import Definition
from domain.procedures.due import due_date
from domain.procedures.graph import upstream
from domain.procedures.starter import ROLES, STARTER
from domain.procedures.starter._words import LEGAL_NOTE
from infra.calendar import japan

SIZES = {
    "hr-1": 16, "hr-2": 15, "hr-3": 14, "fin-1": 14, "fin-2": 12, "leg-1": 13,
    "leg-2": 9, "ga-1": 14, "ga-2": 8, "it-1": 13, "it-2": 11,
}  # fmt: skip
DEPARTMENTS = {"hr", "finance", "legal", "general-affairs", "it"}

# Anchors, days on which steps were done or skipped, and each step's date, counted on a calendar with holidays marked:
# 2026: 1/12 2/11 2/23 3/20 4/29 5/4-6 7/20 8/11 9/21-23 10/12 11/3 11/23. "-" is no due date.
WORKED_EXAMPLES = {
    "hr-1": (
        "joining=2026-05-01",
        "2026: 04-01 04-11 04-17 04-17 04-27 04-28 04-28 05-01 05-01 05-11 05-12 05-06 06-10 05-11 05-20 05-31",
    ),
    "hr-2": (
        "notice=2026-02-10 leaving=2026-03-31",
        "2026: 02-12 02-13 03-02 03-16 03-24 03-26 03-31 03-31 03-31 04-01 04-05 04-10 04-14 04-30 04-14",
    ),
    "hr-3": (
        "year-end=2026-12-31",
        "2026: 10-05 10-15 10-20 11-15 11-20 11-30 12-10 12-15 12-25 2027: 01-31 01-10 01-31 01-31 01-31",
    ),
    "fin-1": (
        "month-end=2026-04-30",
        "2026: 04-24 05-01 05-07 05-08 05-08 05-08 05-11 05-11 05-11 05-12 05-12 05-13 05-14 05-15",
    ),
    "fin-2": (
        # On time, and nothing to correct: the reissue is skipped on the day of the match.
        (
            "received=2026-07-16 payment-due=2026-08-31 match=2026-07-21 "
            "reissue=2026-07-21 request=2026-07-22 approve-request=2026-07-23"
        ),
        "2026: 07-16 07-17 07-21 07-28 07-22 07-23 07-24 08-26 08-27 08-31 09-01 09-02",
    ),
    "leg-1": (
        "requested=2026-09-17 final-version=2026-10-08",
        "2026: 09-17 09-18 09-24 09-18 09-28 09-30 10-01 - 10-06 10-09 10-13 10-14 10-14",
    ),
    "leg-2": (
        "expiry=2026-03-31",
        "2025: 12-01 12-21 12-31 2026: 01-15 01-20 01-25 02-14 03-11 03-16",
    ),
    "ga-1": (
        "fiscal-year-end=2026-03-31 meeting=2026-06-26",
        "2026: 03-31 04-25 05-01 05-12 05-15 05-16 06-14 06-18 06-24 06-23 06-26 06-27 07-10 07-10",
    ),
    "ga-2": (
        "requested=2026-04-27 needed=2026-05-29 accept=2026-05-29",
        "2026: 04-27 04-30 05-01 05-13 05-15 05-29 06-03 06-03",
    ),
    "it-1": (
        "use-from=2026-05-11",
        "2026: 04-27 04-28 04-28 04-28 04-28 04-30 04-30 05-01 05-01 05-07 05-08 05-11 05-11",
    ),
    "it-2": (
        "quarter-end=2025-12-31",
        "2025: 12-17 2026: 01-02 01-06 01-07 01-08 01-16 01-20 01-23 01-27 01-28 01-30",
    ),
}

LEGAL = {
    "hr-1": ["social-insurance", "employment-insurance"],
    "hr-2": ["social-insurance", "employment-insurance", "withholding-slip"],
    "hr-3": ["withholding-slips", "pay-tax", "statutory-reports", "payroll-reports"],
    "ga-1": ["send-notice", "registry"],
}

each = pytest.mark.parametrize("code", STARTER)


def dates(text: str) -> list[date | None]:
    found: list[date | None] = []
    year = ""
    for word in text.split():
        if word.endswith(":"):
            year = word[:-1]
            continue
        found.append(None if word == "-" else date.fromisoformat(f"{year}-{word}"))
    return found


def due_dates(definition: Definition, days: str) -> list[date | None]:
    given = {name: date.fromisoformat(day) for name, _, day in (d.partition("=") for d in days.split())}
    anchors = {AnchorId(name): day for name, day in given.items()}
    closed_on = {StepId(name): day for name, day in given.items()}
    return [due_date(s.due, anchors, closed_on, japan()) if s.due else None for s in definition.steps]


def test_there_are_eleven_in_their_order() -> None:
    assert list(STARTER) == list(SIZES)


@each
def test_each_makes_sense(code: str) -> None:
    check(STARTER[code])


@each
def test_each_has_all_its_steps(code: str) -> None:
    assert len(STARTER[code].steps) == SIZES[code]


@each
def test_each_falls_due_as_counted_by_hand(code: str) -> None:
    days, expected = WORKED_EXAMPLES[code]
    assert due_dates(STARTER[code], days) == dates(expected)


@each
def test_legal_deadlines_are_told_from_internal_ones(code: str) -> None:
    assert [s.id for s in STARTER[code].steps if s.due and s.due.legal] == LEGAL.get(code, [])


@each
def test_a_legal_deadline_names_its_law_and_asks_for_a_professionals_check(code: str) -> None:
    legal = [s for s in STARTER[code].steps if s.due and s.due.legal]
    assert all("法" in s.due.basis and s.instructions.endswith(LEGAL_NOTE) for s in legal if s.due)


@each
def test_each_step_says_what_to_do(code: str) -> None:
    assert [s.id for s in STARTER[code].steps if not s.instructions.startswith("- ")] == []


@each
def test_each_begins_with_its_first_step_alone(code: str) -> None:
    before = upstream(STARTER[code])
    assert [s for s in before if not before[s]] == [STARTER[code].steps[0].id]


@each
def test_each_declares_the_roles_that_it_uses(code: str) -> None:
    definition = STARTER[code]
    assert {r.id for r in definition.roles} == {s.role for s in definition.steps} <= set(ROLES)


@each
def test_each_belongs_to_a_department(code: str) -> None:
    assert STARTER[code].department in DEPARTMENTS


@each
def test_each_has_a_second_person(code: str) -> None:
    assert any(s.not_same_actor_as for s in STARTER[code].steps)


def test_joining_and_leaving_are_confidential() -> None:
    assert [code for code, definition in STARTER.items() if definition.confidential] == ["hr-1", "hr-2"]


def test_no_field_asks_for_the_individual_number_itself() -> None:
    fields = [f for d in STARTER.values() for s in d.steps for f in s.fields]
    assert {f.kind for f in fields if "マイナンバー" in f.title} == {"check"}


@pytest.mark.parametrize(
    ("code", "conditional"),
    [
        ("hr-1", ["resident-tax"]),
        ("fin-2", ["reissue"]),
        ("leg-1", ["second-review"]),
        ("leg-2", ["send-notice", "memorandum", "sign"]),
        ("ga-1", ["registry"]),
        ("ga-2", ["quotes", "asset-ledger"]),
        ("it-1", ["approve-purchase"]),
    ],
)
def test_some_steps_apply_only_sometimes(code: str, conditional: list[str]) -> None:
    assert [s.id for s in STARTER[code].steps if s.condition] == conditional
