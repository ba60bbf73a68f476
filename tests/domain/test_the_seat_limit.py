"""The limit wherever a seat is taken: at an invitation, its acceptance, a return, and an auditor's turn to work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.tenants import events as e
from domain.tenants.decisions import (
    InvitationNotOpen,
    SeatLimitReached,
    accept_invitation,
    change_permission,
    deactivate,
    invite,
    reactivate,
)
from domain.tenants.folding import fold
from domain.tenants.provisioning import Profile, provision, update
from tests.given import Outcome, given
from tests.people import AIKO, EMI, HANA, INVITATION_ENDS, JIRO, KANA, MONDAY, SETTLED, STRANGER, TENANT, TOKEN

OWNER = TENANT.members[EMI]
HELD = TENANT.seats_held(MONDAY)
FULL = e.PlanChosen(None, "enterprise", HELD, 100_000)
SMALLER = e.PlanChosen("enterprise", "enterprise", HELD - 1, 100_000)
INVITED_AUDITOR = e.PermissionChanged(JIRO, "member", "auditor")
JUST_EXPIRED = INVITATION_ENDS
WHY = "担当替え"
TAKEN_BY: dict[str, Callable[[Any], Outcome]] = {
    "an invitation": lambda g: g.when(invite, STRANGER, "新人", "new@a.example", "member", None, TOKEN, OWNER),
    "a return": lambda g: g.when(reactivate, KANA, OWNER),
    "an auditor who is to work": lambda g: g.when(change_permission, HANA, "member", OWNER, WHY),
    "whom the directory brings": lambda g: g.when(provision, STRANGER, Profile("new@a.example"), OWNER),
    "whom the directory brings back": lambda g: g.when(update, KANA, Profile(active=True), OWNER),
    "an auditor whom the directory lets work": lambda g: g.when(update, HANA, Profile(permission="member"), OWNER),
}


@pytest.mark.parametrize("taking", TAKEN_BY.values(), ids=TAKEN_BY)
def test_a_seat_is_taken_up_to_the_limit_and_not_beyond(taking: Callable[[Any], Outcome]) -> None:
    taking(given(FULL)).refuses(SeatLimitReached, f"{HELD} of {HELD}")
    taking(given(e.PlanChosen(None, "enterprise", HELD + 1, 100_000))).decided()
    taking(given(FULL, e.MemberDeactivated(AIKO))).decided()


@pytest.mark.parametrize("taking", TAKEN_BY.values(), ids=TAKEN_BY)
def test_whoever_takes_the_seat_of_an_invitation_that_ran_out_notes_that_first(
    taking: Callable[[Any], Outcome],
) -> None:
    history = (*SETTLED, FULL)
    events = taking(given(FULL).on(JUST_EXPIRED)).decided()
    assert events[0] == e.InvitationExpired(JIRO)
    assert fold([*history, *events]).seats_held(MONDAY) == HELD


def test_the_last_moment_of_an_invitation_holds_its_seat() -> None:
    before = JUST_EXPIRED - timedelta(microseconds=1)
    for taking in TAKEN_BY.values():
        taking(given(FULL).on(before)).refuses(SeatLimitReached)


def test_an_acceptance_takes_no_second_seat() -> None:
    given(FULL).when(accept_invitation, JIRO, TOKEN).then(e.InvitationAccepted(JIRO))


def test_nobody_accepts_once_the_plan_has_become_too_small() -> None:
    given(FULL, SMALLER).when(accept_invitation, JIRO, TOKEN).refuses(SeatLimitReached)


def test_an_invited_auditor_accepts_whatever_is_full() -> None:
    given(INVITED_AUDITOR, FULL, SMALLER).when(accept_invitation, JIRO, TOKEN).then(e.InvitationAccepted(JIRO))


def test_an_auditor_comes_back_whatever_is_full() -> None:
    gone = e.MemberDeactivated(HANA)
    given(gone, FULL).when(reactivate, HANA, OWNER).then(e.MemberReactivated(HANA))


def test_an_invited_auditor_who_is_to_work_needs_a_seat() -> None:
    full = e.PlanChosen(None, "enterprise", HELD - 1, 100_000)
    asked = (change_permission, JIRO, "member", OWNER, WHY)
    given(INVITED_AUDITOR, full).when(*asked).refuses(SeatLimitReached)
    given(INVITED_AUDITOR, full).on(JUST_EXPIRED).when(*asked).then_kinds(e.PermissionChanged)


def test_who_becomes_an_auditor_makes_room() -> None:
    freed = e.PermissionChanged(AIKO, "member", "auditor")
    given(FULL).when(change_permission, AIKO, "auditor", OWNER, WHY).then_kinds(e.PermissionChanged, e.AccessEndSet)
    given(FULL, freed).when(reactivate, KANA, OWNER).then(e.MemberReactivated(KANA))


def test_a_former_member_changes_permission_without_a_seat() -> None:
    history = (e.PermissionChanged(KANA, "member", "auditor"), FULL)
    given(*history).when(change_permission, KANA, "member", OWNER, WHY).then_kinds(e.PermissionChanged)


def test_a_used_or_expired_invitation_is_not_accepted() -> None:
    given(FULL).on(JUST_EXPIRED).when(accept_invitation, JIRO, TOKEN).refuses(InvitationNotOpen)
    given(FULL).when(accept_invitation, AIKO, TOKEN).refuses(InvitationNotOpen)
    given(FULL, *given(FULL).when(deactivate, JIRO, OWNER, WHY).decided()).when(
        accept_invitation, JIRO, TOKEN
    ).refuses(InvitationNotOpen)


def test_who_leaves_leaves_before_they_could_take_a_seat() -> None:
    leaving = Profile(active=False, permission="member")
    events = given(FULL).when(update, HANA, leaving, OWNER).decided()
    assert events[0] == e.MemberDeactivated(HANA)
    assert all(fold([*SETTLED, FULL, *events[:n]]).seats_held(MONDAY) <= HELD for n in range(len(events) + 1))
