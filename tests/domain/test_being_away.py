"""Absence (不在): delegates do the new work on these days; it ends by itself, or early."""

from datetime import date, timedelta

import pytest

from domain.duties.absences import AbsenceCircle, AbsenceOverlaps, end_absence, set_absence
from domain.duties.handing_over import HandoverToUnfit
from domain.refusals import InvalidInput, NotPermitted
from domain.runs.decisions import complete_step, start
from domain.runs.events import StepReady
from domain.runs.guards import NotAssignee
from domain.tenants import duty_events as d
from domain.tenants import events as t
from domain.tenants.member import Member
from tests.domain.joinings import STARTED
from tests.given import given
from tests.people import (
    AIKO,
    BUNTA,
    CHIE,
    GORO,
    HANA,
    HR,
    IKUKO,
    JOINING_DAY,
    MONDAY,
    OFFER,
    PROCEDURE,
    SETTLED,
    TENANT,
    TODAY,
)

TOMORROW, NEXT_WEEK = TODAY + timedelta(days=1), TODAY + timedelta(days=7)
AWAY = d.AbsenceSet(AIKO, TODAY, TOMORROW, (GORO,))
BY_AIKO: Member = TENANT.members[AIKO]
BY_BUNTA: Member = TENANT.members[BUNTA]
STARTS = (PROCEDURE, 1, "新人", {JOINING_DAY: date(2026, 5, 1)}, BUNTA)
DONE = {"employment": "新卒"}


def first_assignee(*history: t.TenantEvent, days: int = 0) -> tuple[str | None, str]:
    """Who gets the first step of a run that starts so many days after Monday."""
    events = given(*SETTLED, *history).on(MONDAY + timedelta(days=days)).when(start, *STARTS).decided()
    [ready] = [event for event in events if isinstance(event, StepReady)]
    return ready.assignee, ready.rule


def test_new_work_goes_to_the_delegate_until_the_absence_is_over() -> None:
    assert [first_assignee(AWAY, days=days) for days in range(3)] == [
        (GORO, "absence"),
        (GORO, "absence"),
        (AIKO, "holder"),
    ]


def test_a_delegate_who_is_away_has_delegates_too() -> None:
    assert first_assignee(AWAY, d.AbsenceSet(GORO, TODAY, TODAY, (CHIE,))) == (CHIE, "absence")


def test_who_is_away_gets_what_nobody_else_can_do() -> None:
    nobody = d.RoleHoldersSet(HR, (AIKO, IKUKO), (AIKO,))
    left = t.MemberDeactivated(GORO)
    assert first_assignee(AWAY, nobody, left) == (AIKO, "holder")


def test_an_absence_that_ended_early_is_over() -> None:
    assert first_assignee(AWAY, d.AbsenceEnded(AIKO, TODAY, TODAY)) == (AIKO, "holder")


def test_a_delegate_does_what_is_still_with_who_is_away() -> None:
    done = given(*SETTLED, AWAY, *STARTED).when(complete_step, OFFER, GORO, DONE, ())
    assert done.decided()
    later = given(*SETTLED, AWAY, *STARTED).on(MONDAY + timedelta(days=2))
    later.when(complete_step, OFFER, GORO, DONE, ()).refuses(NotAssignee)
    given(*SETTLED, AWAY, *STARTED).when(complete_step, OFFER, CHIE, DONE, ()).refuses(NotAssignee)


def test_one_is_away_by_ones_own_word_or_a_managers() -> None:
    for by in (BY_AIKO, BY_BUNTA):
        given(*SETTLED).when(set_absence, AIKO, TODAY, TOMORROW, (GORO,), by, TODAY).then(AWAY)
    other = TENANT.members[CHIE]
    given(*SETTLED).when(set_absence, AIKO, TODAY, TOMORROW, (GORO,), other, TODAY).refuses(NotPermitted)


def test_the_same_absence_again_changes_nothing() -> None:
    given(*SETTLED, AWAY).when(set_absence, AIKO, TODAY, TOMORROW, (GORO,), BY_AIKO, TODAY).changes_nothing()


def test_the_same_first_day_changes_the_absence() -> None:
    longer = d.AbsenceSet(AIKO, TODAY, NEXT_WEEK, (IKUKO,))
    given(*SETTLED, AWAY).when(set_absence, AIKO, TODAY, NEXT_WEEK, (IKUKO,), BY_AIKO, TODAY).then(longer)


def test_days_of_another_absence_are_refused() -> None:
    again = given(*SETTLED, AWAY).when(set_absence, AIKO, TOMORROW, NEXT_WEEK, (GORO,), BY_AIKO, TODAY)
    again.refuses(AbsenceOverlaps)


def test_delegates_that_lead_back_are_refused() -> None:
    back = given(*SETTLED, AWAY).when(set_absence, GORO, TOMORROW, NEXT_WEEK, (AIKO,), BY_BUNTA, TODAY)
    back.refuses(AbsenceCircle)
    later = given(*SETTLED, AWAY).when(set_absence, GORO, NEXT_WEEK, NEXT_WEEK, (AIKO,), BY_BUNTA, TODAY)
    assert later.decided()


@pytest.mark.parametrize(
    ("starts", "until", "delegates"),
    [
        (TOMORROW, TODAY, (GORO,)),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=1), (GORO,)),
        (TODAY, TODAY + timedelta(days=400), (GORO,)),
        (TODAY, TODAY, ()),
        (TODAY, TODAY, (AIKO,)),
        (TODAY, TODAY, (GORO, GORO)),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(starts: date, until: date, delegates: tuple[str, ...]) -> None:
    given(*SETTLED).when(set_absence, AIKO, starts, until, delegates, BY_AIKO, TODAY).refuses(InvalidInput)


def test_a_delegate_can_do_steps() -> None:
    given(*SETTLED).when(set_absence, AIKO, TODAY, TODAY, (HANA,), BY_AIKO, TODAY).refuses(HandoverToUnfit)


def test_ending_is_from_today_and_only_once() -> None:
    given(*SETTLED, AWAY).when(end_absence, AIKO, BY_AIKO, TOMORROW).then(d.AbsenceEnded(AIKO, TODAY, TOMORROW))
    given(*SETTLED, AWAY).when(end_absence, AIKO, BY_AIKO, NEXT_WEEK).changes_nothing()
    given(*SETTLED).when(end_absence, AIKO, BY_AIKO, TODAY).changes_nothing()
