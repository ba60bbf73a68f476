"""Work that goes back, is done again, or is left out."""

from domain.refusals import ReasonMissing
from domain.runs import events as e
from domain.runs.decisions import skip_step
from domain.runs.going_back import NothingToSendBack, reopen_step, send_back
from domain.runs.guards import RunClosed, StepNotReady
from domain.tenants.events import MemberDeactivated
from tests.domain.joinings import (
    CANCELLED,
    COMPLETED,
    CONTRACT_APPROVED,
    CONTRACT_READY,
    CONTRACTED,
    MID_CAREER,
    OFFER_DUE,
    OFFER_READY,
    OFFERED,
    PC_DUE,
    PC_READY,
    SET_UP,
    START,
    STARTED,
)
from tests.given import given
from tests.people import AIKO, CHECK, CHIE, CONTRACT, DAIKI, IKUKO, OFFER, PC, TAX, TODAY

PC_AGAIN = e.StepReady(PC, CHIE, "did_it_before", PC_DUE)
TAX_FIRST = (
    START,
    OFFER_READY,
    e.StepCompleted(OFFER, AIKO, TODAY, MID_CAREER, 0, {}),
    CONTRACT_READY,
    CONTRACT_APPROVED,
    PC_READY,
    e.StepCompleted(TAX, AIKO, TODAY, {}, 0, {}),
)
"""Of two steps side by side, the tax is done and the PC is not."""
OFFER_AGAIN = e.StepReady(OFFER, AIKO, "did_it_before", OFFER_DUE)


def test_work_goes_back_to_who_did_it() -> None:
    sent = e.StepSentBack(CHECK, DAIKI, PC, (PC, CHECK))
    given(*SET_UP).when(send_back, CHECK, None, DAIKI, "OSが古い").then(sent, PC_AGAIN)


def test_work_may_go_further_back() -> None:
    sent = e.StepSentBack(CHECK, DAIKI, OFFER, (OFFER, CONTRACT, PC, TAX, CHECK))
    given(*SET_UP).when(send_back, CHECK, OFFER, DAIKI, "別人").then(sent, OFFER_AGAIN)


def test_sending_back_needs_a_reason() -> None:
    given(*SET_UP).when(send_back, CHECK, None, DAIKI, None).refuses(ReasonMissing)


def test_nothing_goes_back_from_the_first_step() -> None:
    given(*STARTED).when(send_back, OFFER, None, AIKO, "理由").refuses(NothingToSendBack)


def test_nothing_goes_back_to_a_step_that_was_left_out() -> None:
    given(*SET_UP).when(send_back, CHECK, TAX, DAIKI, "理由").refuses(NothingToSendBack)


def test_nothing_goes_back_to_a_step_that_is_not_before() -> None:
    given(*TAX_FIRST).when(send_back, PC, TAX, CHIE, "理由").refuses(NothingToSendBack)


def test_a_done_step_is_done_again_and_what_followed_waits() -> None:
    reopened = e.StepReopened(OFFER, (OFFER, CONTRACT))
    given(*OFFERED).when(reopen_step, OFFER, "訂正").then(reopened, OFFER_AGAIN)


def test_a_completed_run_opens_again() -> None:
    given(*COMPLETED).when(reopen_step, PC, "訂正").then(e.StepReopened(PC, (PC, CHECK)), PC_AGAIN)


def test_reopening_needs_a_reason() -> None:
    given(*OFFERED).when(reopen_step, OFFER, "").refuses(ReasonMissing)


def test_a_step_that_is_to_be_done_is_not_reopened() -> None:
    given(*STARTED).when(reopen_step, OFFER, "理由").changes_nothing()


def test_a_cancelled_run_stays_closed() -> None:
    given(*CANCELLED).when(reopen_step, OFFER, "理由").refuses(RunClosed)


def test_a_step_that_does_not_apply_is_not_reopened() -> None:
    given(*CONTRACTED).when(reopen_step, TAX, "理由").refuses(StepNotReady, "condition does not hold")


LEFT_OUT = e.StepSkipped(TAX, "person", TODAY)


def test_a_step_that_applies_and_was_left_out_by_a_person_is_done_after_all() -> None:
    mid_career = TAX_FIRST[:-1]
    given(*mid_career, e.StepReady(TAX, AIKO, "holder", None), LEFT_OUT).when(reopen_step, TAX, "必要だった").then(
        e.StepReopened(TAX, (TAX,)), e.StepReady(TAX, AIKO, "holder", None)
    )


def test_a_step_that_was_left_out_before_its_condition_was_known_waits_again() -> None:
    given(*STARTED, LEFT_OUT).when(reopen_step, TAX, "必要かもしれない").then(e.StepReopened(TAX, (TAX,)))


def test_a_step_that_does_not_apply_is_not_reopened_whoever_left_it_out() -> None:
    left_out_early = (*STARTED, LEFT_OUT, *OFFERED[len(STARTED) :], CONTRACT_APPROVED, PC_READY)
    given(*left_out_early).when(reopen_step, TAX, "理由").refuses(StepNotReady, "condition does not hold")


def test_a_step_that_applied_and_was_done_is_done_again() -> None:
    given(*TAX_FIRST).when(reopen_step, TAX, "訂正").then(
        e.StepReopened(TAX, (TAX,)), e.StepReady(TAX, AIKO, "did_it_before", None)
    )


def test_a_step_is_left_out_and_what_waited_for_it_goes_on() -> None:
    given(*STARTED).when(skip_step, OFFER, "書面で済み").then(e.StepSkipped(OFFER, "person", TODAY), CONTRACT_READY)


def test_a_step_that_waits_may_be_left_out() -> None:
    given(*STARTED).when(skip_step, PC, "持参").then(e.StepSkipped(PC, "person", TODAY))


def test_leaving_the_last_open_step_out_completes_the_run() -> None:
    given(*SET_UP).when(skip_step, CHECK, "不要").then(e.StepSkipped(CHECK, "person", TODAY), e.RunCompleted(TODAY))


def test_leaving_out_needs_a_reason() -> None:
    given(*STARTED).when(skip_step, OFFER, None).refuses(ReasonMissing)


def test_what_is_left_out_already_stays_so() -> None:
    given(*CONTRACTED).when(skip_step, TAX, "理由").changes_nothing()


def test_a_done_step_is_not_left_out() -> None:
    given(*OFFERED).when(skip_step, OFFER, "理由").refuses(StepNotReady, "it is done")


def test_nothing_of_a_closed_run_is_left_out() -> None:
    given(*CANCELLED).when(skip_step, PC, "理由").refuses(RunClosed)


def test_a_skipped_step_that_is_reopened_goes_to_a_holder_of_its_role() -> None:
    skipped = (*STARTED, e.StepSkipped(OFFER, "person", TODAY), CONTRACT_READY)
    again = e.StepReady(OFFER, AIKO, "holder", OFFER_DUE)
    given(*skipped).when(reopen_step, OFFER, "必要").then(e.StepReopened(OFFER, (OFFER, CONTRACT)), again)


def test_someone_who_left_does_not_get_their_work_back() -> None:
    again = given(*OFFERED, MemberDeactivated(AIKO)).when(reopen_step, OFFER, "訂正").decided()[-1]
    assert (again.assignee, again.rule) == (IKUKO, "holder")
