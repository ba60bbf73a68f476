"""Approvals: given, refused with a reason, and never by whoever did the work."""

from domain.refusals import ReasonMissing
from domain.runs import events as e
from domain.runs.decisions import approve_step
from domain.runs.going_back import NothingToSendBack, reject_step
from domain.runs.guards import NotAssignee, RunClosed, SameActor, StepNotReady, WrongVerb
from domain.tenants.duty_events import RoleHoldersSet
from tests.domain.joinings import (
    CANCELLED,
    CONTRACT_APPROVED,
    CONTRACT_READY,
    CONTRACTED,
    OFFER_READY,
    OFFERED,
    PC_READY,
    STARTED,
    TAX_SKIPPED,
)
from tests.given import given
from tests.people import AIKO, BUNTA, CHIE, CONTRACT, HR_MANAGER, OFFER, PC, TAX


def test_an_approval_makes_ready_what_waited_for_it_and_skips_what_does_not_apply() -> None:
    given(*OFFERED).when(approve_step, CONTRACT, BUNTA).then(CONTRACT_APPROVED, PC_READY, TAX_SKIPPED)


def test_approving_again_changes_nothing() -> None:
    given(*CONTRACTED).when(approve_step, CONTRACT, BUNTA).changes_nothing()


def test_approving_what_someone_else_approved_is_refused() -> None:
    given(*CONTRACTED).when(approve_step, CONTRACT, CHIE).refuses(StepNotReady, "it is done")


def test_what_went_back_is_approved_again() -> None:
    went_back = (*CONTRACTED, e.StepReopened(CONTRACT, (CONTRACT, PC, TAX)), CONTRACT_READY)
    given(*went_back).when(approve_step, CONTRACT, BUNTA).then_kinds(e.StepApproved, e.StepReady, e.StepSkipped)


def test_only_who_was_asked_may_approve() -> None:
    given(*OFFERED).when(approve_step, CONTRACT, CHIE).refuses(NotAssignee)


def test_who_did_the_work_does_not_approve_it() -> None:
    nobody_approves = (*OFFERED[:-1], e.StepReady(CONTRACT, None, "open", None))
    holds_both = RoleHoldersSet(HR_MANAGER, (BUNTA,), (AIKO, BUNTA))
    given(*nobody_approves, holds_both).when(approve_step, CONTRACT, AIKO).refuses(SameActor, "'offer'")


def test_an_ordinary_step_is_not_approved() -> None:
    given(*STARTED).when(approve_step, OFFER, AIKO).refuses(WrongVerb, "complete 'offer'")


def test_an_approval_waits_for_the_work() -> None:
    given(*STARTED).when(approve_step, CONTRACT, BUNTA).refuses(StepNotReady, "waits for 'offer'")


def test_a_cancelled_run_takes_no_approval() -> None:
    given(*CANCELLED).when(approve_step, CONTRACT, BUNTA).refuses(RunClosed)


def test_a_rejection_has_the_step_before_done_again_by_who_did_it() -> None:
    rejected = e.StepRejected(CONTRACT, BUNTA, OFFER, (OFFER, CONTRACT))
    again = e.StepReady(OFFER, AIKO, "did_it_before", OFFER_READY.due)
    given(*OFFERED).when(reject_step, CONTRACT, None, BUNTA, "金額が違う").then(rejected, again)


def test_a_rejection_needs_a_reason() -> None:
    given(*OFFERED).when(reject_step, CONTRACT, None, BUNTA, " ").refuses(ReasonMissing, "reject")


def test_an_ordinary_step_is_not_rejected() -> None:
    given(*CONTRACTED).when(reject_step, PC, None, CHIE, "理由").refuses(WrongVerb)


def test_only_who_was_asked_may_reject() -> None:
    given(*OFFERED).when(reject_step, CONTRACT, None, AIKO, "理由").refuses(NotAssignee)


def test_a_rejection_goes_back_only_to_a_done_step_before_it() -> None:
    given(*OFFERED).when(reject_step, CONTRACT, PC, BUNTA, "理由").refuses(NothingToSendBack)
