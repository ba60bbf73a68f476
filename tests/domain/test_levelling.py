"""Levelling (平準化): a rule that gives each step to whoever has the fewest open ones, and says what it saw."""

from dataclasses import replace

import pytest

from domain.ids import MemberId
from domain.runs.assignment import People, assignee
from domain.runs.state import Run, StepState
from domain.tenants.handovers import Absence
from tests.people import CHIE, DAIKI, IT, JOINING, MONDAY, PC, PROCEDURE, RUN, TENANT, TODAY

BY_LOAD = replace(
    JOINING, roles=tuple(replace(r, rule="least_loaded") if r.id == IT else r for r in JOINING.roles)
)
WAITING = Run("open", PROCEDURE, 1, steps={step.id: StepState() for step in JOINING.steps})


@pytest.mark.parametrize(
    ("loads", "expected"),
    [
        ({}, (CHIE, "least_loaded:0")),
        ({CHIE: 3, DAIKI: 2}, (DAIKI, "least_loaded:2")),
        ({CHIE: 2, DAIKI: 2}, (CHIE, "least_loaded:2")),
    ],
)
def test_who_has_least_to_do_gets_the_step(loads: dict[MemberId, int], expected: tuple[MemberId, str]) -> None:
    people = People(TENANT, MONDAY, loads)
    assert assignee(RUN, WAITING, BY_LOAD.step(PC), BY_LOAD, people) == expected


def test_who_is_away_is_no_holder_with_little_to_do() -> None:
    away = replace(TENANT, absences={CHIE: (Absence(TODAY, TODAY, (DAIKI,)),)})
    people = People(away, MONDAY, {DAIKI: 9})
    assert assignee(RUN, WAITING, BY_LOAD.step(PC), BY_LOAD, people) == (DAIKI, "absence")
