"""Reassigning, taking, due dates, remarks, and cancelling."""

from datetime import date

import pytest

from domain.refusals import CannotDoSteps, InvalidInput, NotFound, ReasonMissing
from domain.runs import events as e
from domain.runs.decisions import cancel, change_due_date, comment, reassign_step, take_step
from domain.runs.going_back import reopen_step
from domain.runs.guards import NotAssignee, RunClosed, SameActor, StepNotReady
from domain.tenants.events import PermissionChanged
from tests.domain.joinings import (
    CANCELLED,
    COMPLETED,
    CONTRACTED,
    NOBODYS,
    OFFER_DUE,
    OFFERED,
    SET_UP,
    STARTED,
)
from tests.given import given
from tests.people import AIKO, CHECK, CHIE, DAIKI, HANA, IKUKO, JIRO, KANA, OFFER, PC, STRANGER, TODAY

FRIDAY = date(2026, 4, 24)


def test_a_ready_step_is_given_to_another_member() -> None:
    given(*STARTED).when(reassign_step, OFFER, IKUKO, "休暇").then(e.StepReassigned(OFFER, AIKO, IKUKO))


def test_reassigning_needs_a_reason() -> None:
    given(*STARTED).when(reassign_step, OFFER, IKUKO, None).refuses(ReasonMissing)


def test_who_has_it_already_keeps_it() -> None:
    given(*STARTED).when(reassign_step, OFFER, AIKO, "理由").changes_nothing()


@pytest.mark.parametrize("nobody", [STRANGER, JIRO, KANA], ids=["unknown", "invited", "left"])
def test_work_is_given_to_active_members_only(nobody: str) -> None:
    given(*STARTED).when(reassign_step, OFFER, nobody, "理由").refuses(NotFound, "active member")


def test_work_is_not_given_to_who_only_reads() -> None:
    given(*STARTED).when(reassign_step, OFFER, HANA, "理由").refuses(CannotDoSteps, "auditor")


def test_work_does_not_come_back_to_who_only_reads_by_now() -> None:
    reader = PermissionChanged(AIKO, "member", "auditor")
    again = given(*OFFERED, reader).when(reopen_step, OFFER, "訂正").decided()[-1]
    assert (again.assignee, again.rule) == (IKUKO, "holder")


def test_a_check_is_not_given_to_who_did_the_work() -> None:
    given(*SET_UP).when(reassign_step, CHECK, CHIE, "理由").refuses(SameActor, "'pc'")


def test_a_step_that_waits_is_not_reassigned() -> None:
    given(*STARTED).when(reassign_step, PC, DAIKI, "理由").refuses(StepNotReady, "it is waiting")


def test_a_done_step_is_not_reassigned_even_to_who_had_it() -> None:
    given(*OFFERED).when(reassign_step, OFFER, AIKO, "理由").refuses(StepNotReady, "it is done")


def test_nothing_of_a_closed_run_is_reassigned() -> None:
    given(*CANCELLED).when(reassign_step, OFFER, IKUKO, "理由").refuses(RunClosed)


def test_a_holder_of_the_role_takes_what_nobody_has() -> None:
    given(*NOBODYS).when(take_step, PC, DAIKI).then(e.StepTaken(PC, DAIKI))


def test_taking_what_one_has_changes_nothing() -> None:
    given(*NOBODYS, e.StepTaken(PC, DAIKI)).when(take_step, PC, DAIKI).changes_nothing()


def test_what_one_has_done_is_not_taken() -> None:
    given(*OFFERED).when(take_step, OFFER, AIKO).refuses(StepNotReady, "it is done")


def test_what_someone_has_is_not_taken() -> None:
    given(*CONTRACTED).when(take_step, PC, DAIKI).refuses(NotAssignee)


def test_who_does_not_hold_the_role_takes_nothing() -> None:
    given(*NOBODYS).when(take_step, PC, AIKO).refuses(NotAssignee)


def test_a_step_is_due_on_another_day() -> None:
    given(*STARTED).when(change_due_date, OFFER, FRIDAY, "先方都合").then(
        e.DueDateChanged(OFFER, OFFER_DUE, FRIDAY)
    )


def test_the_same_day_changes_nothing() -> None:
    given(*STARTED).when(change_due_date, OFFER, OFFER_DUE, "理由").changes_nothing()


def test_another_day_needs_a_reason() -> None:
    given(*STARTED).when(change_due_date, OFFER, FRIDAY, "").refuses(ReasonMissing)


def test_a_done_step_is_not_due_any_more() -> None:
    given(*OFFERED).when(change_due_date, OFFER, FRIDAY, "理由").refuses(StepNotReady)


def test_an_absurd_day_is_refused() -> None:
    given(*STARTED).when(change_due_date, OFFER, date(9999, 1, 1), "理由").refuses(InvalidInput)


def test_nothing_of_a_closed_run_is_due() -> None:
    given(*CANCELLED).when(change_due_date, PC, FRIDAY, "理由").refuses(RunClosed)


def test_a_remark_on_a_step_is_kept() -> None:
    given(*STARTED).when(comment, OFFER, " 確認中 ", AIKO).then(e.Commented(OFFER, AIKO, "確認中"))


def test_a_closed_run_takes_remarks() -> None:
    given(*COMPLETED).when(comment, None, "お疲れさまでした", AIKO).then(
        e.Commented(None, AIKO, "お疲れさまでした")
    )


@pytest.mark.parametrize("text", ["", "a\x00b", "\ud800", "あ" * 4001], ids=["empty", "nul", "surrogate", "long"])
def test_a_remark_that_cannot_be_kept_is_refused(text: str) -> None:
    given(*STARTED).when(comment, None, text, AIKO).refuses(InvalidInput, "'text'")


def test_a_remark_on_no_step_of_the_run_is_not_found() -> None:
    given(*STARTED).when(comment, "nowhere", "?", AIKO).refuses(NotFound)


def test_an_open_run_is_cancelled() -> None:
    given(*STARTED).when(cancel, "取り下げ").then(e.RunCancelled(TODAY))


def test_cancelling_needs_a_reason() -> None:
    given(*STARTED).when(cancel, None).refuses(ReasonMissing)


def test_cancelling_again_changes_nothing() -> None:
    given(*CANCELLED).when(cancel, "理由").changes_nothing()


def test_a_completed_run_is_not_cancelled() -> None:
    given(*COMPLETED).when(cancel, "理由").refuses(RunClosed, "completed")


def test_what_was_never_started_is_not_cancelled() -> None:
    given().when(cancel, "理由").refuses(NotFound)
