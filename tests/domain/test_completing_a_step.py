"""Completing a step."""

from domain.refusals import InvalidInput, NotFound
from domain.runs import events as e
from domain.runs.decisions import ChecklistOpen, complete_step
from domain.runs.guards import NotAssignee, RunClosed, SameActor, StepNotReady, WrongVerb
from tests.domain.joinings import (
    CANCELLED,
    CHECK_DONE,
    CHECK_READY,
    COMPLETED,
    CONTRACT_APPROVED,
    CONTRACT_READY,
    CONTRACTED,
    MID_CAREER,
    NOBODYS,
    OFFER_DONE,
    OFFER_READY,
    OFFERED,
    PC_DONE,
    PC_READY,
    SET_UP,
    STARTED,
)
from tests.given import given
from tests.people import AIKO, BUNTA, CHECK, CHIE, CONTRACT, DAIKI, IKUKO, OFFER, PC, TAX, TODAY


def test_completing_a_step_makes_ready_what_waited_for_it() -> None:
    given(*STARTED).when(complete_step, OFFER, AIKO, {"employment": "新卒"}, ()).then(OFFER_DONE, CONTRACT_READY)


def test_personal_values_are_kept_apart() -> None:
    values = {"employment": "新卒", "contact": "090-0000-0000"}
    done = given(*STARTED).when(complete_step, OFFER, AIKO, values, ()).decided()[0]
    assert done.values == {"employment": "新卒"}
    assert done.personal_values == {"contact": "090-0000-0000"}


def test_only_the_assignee_may_complete() -> None:
    given(*STARTED).when(complete_step, OFFER, IKUKO, {"employment": "新卒"}, ()).refuses(NotAssignee, "'offer'")


def test_a_step_waits_for_those_before_it() -> None:
    given(*OFFERED).when(complete_step, PC, CHIE, {}, (0, 1)).refuses(StepNotReady, "waits for 'contract'")


def test_an_approval_is_not_completed() -> None:
    given(*OFFERED).when(complete_step, CONTRACT, BUNTA, {}, ()).refuses(WrongVerb, "approve or reject")


def test_every_item_of_the_checklist_is_ticked() -> None:
    given(*CONTRACTED).when(complete_step, PC, CHIE, {}, (0,)).refuses(ChecklistOpen, "1 are open")


def test_a_value_that_does_not_fit_names_its_field() -> None:
    outcome = given(*STARTED).when(complete_step, OFFER, AIKO, {"employment": "未定"}, ())
    outcome.refuses(InvalidInput)
    assert outcome.refusal is not None
    assert [problem["field"] for problem in outcome.refusal.facts["problems"]] == ["employment"]  # type: ignore[attr-defined]  # facts hold what machines read


def test_completing_again_with_the_same_values_changes_nothing() -> None:
    given(*OFFERED).when(complete_step, OFFER, AIKO, {"employment": "新卒"}, ()).changes_nothing()


def test_completing_again_with_other_values_is_refused() -> None:
    given(*OFFERED).when(complete_step, OFFER, AIKO, {"employment": "中途"}, ()).refuses(StepNotReady, "it is done")


def test_completing_what_someone_else_completed_is_refused() -> None:
    given(*OFFERED).when(complete_step, OFFER, IKUKO, {"employment": "新卒"}, ()).refuses(StepNotReady, "it is done")


def test_what_went_back_is_done_again_even_with_the_same_values() -> None:
    went_back = (*OFFERED, e.StepReopened(OFFER, (OFFER, CONTRACT)), OFFER_READY)
    given(*went_back).when(complete_step, OFFER, AIKO, {"employment": "新卒"}, ()).then(OFFER_DONE, CONTRACT_READY)


def test_the_last_step_completes_the_run() -> None:
    given(*SET_UP).when(complete_step, CHECK, DAIKI, {}, ()).then(CHECK_DONE, e.RunCompleted(TODAY))


def test_a_holder_of_the_role_may_complete_what_nobody_has() -> None:
    given(*NOBODYS).when(complete_step, PC, CHIE, {}, (0, 1)).then(PC_DONE, CHECK_READY)


def test_who_does_not_hold_the_role_may_not_complete_what_nobody_has() -> None:
    given(*NOBODYS).when(complete_step, PC, AIKO, {}, (0, 1)).refuses(NotAssignee)


def test_who_did_the_work_does_not_check_it() -> None:
    nobody_checks = (*SET_UP[:-1], e.StepReady(CHECK, None, "open", None))
    given(*nobody_checks).when(complete_step, CHECK, CHIE, {}, ()).refuses(SameActor, "'pc'")


def test_who_did_the_work_is_passed_over_when_its_check_becomes_ready() -> None:
    ready = given(*CONTRACTED).when(complete_step, PC, CHIE, {}, (0, 1)).decided()[-1]
    assert ready.assignee == DAIKI


def test_a_condition_that_holds_makes_its_step_ready() -> None:
    mid_career = (*STARTED, e.StepCompleted(OFFER, AIKO, TODAY, MID_CAREER, 0, {}), CONTRACT_READY)
    given(*mid_career, CONTRACT_APPROVED, PC_READY, e.StepReady(TAX, AIKO, "holder", None)).when(
        complete_step, TAX, AIKO, {}, ()
    ).then(e.StepCompleted(TAX, AIKO, TODAY, {}, 0, {}))


def test_a_cancelled_run_takes_no_completion() -> None:
    given(*CANCELLED).when(complete_step, OFFER, AIKO, {"employment": "中途"}, ()).refuses(RunClosed, "cancelled")


def test_a_completed_run_takes_no_completion() -> None:
    given(*COMPLETED).when(complete_step, OFFER, AIKO, {"employment": "中途"}, ()).refuses(RunClosed, "completed")


def test_a_step_that_the_run_does_not_have_is_not_found() -> None:
    given(*STARTED).when(complete_step, "nowhere", AIKO, {}, ()).refuses(NotFound)


def test_a_run_that_was_never_started_is_not_found() -> None:
    given().when(complete_step, OFFER, AIKO, {}, ()).refuses(NotFound)
