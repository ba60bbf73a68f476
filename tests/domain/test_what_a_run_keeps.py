"""Of what was filled in, a run's state keeps what decisions ask for, and no more."""

from dataclasses import replace

import pytest

from domain.ids import FieldId
from domain.runs import events as e
from domain.runs.state import RULES, fingerprint, fold, is_form, kept
from tests.domain.joinings import GRADUATE, OFFER_READY, START, STARTED
from tests.people import AIKO, OFFER, TODAY

FILLED = {**GRADUATE, FieldId("remark"): "急ぎ"}
PERSONAL = {FieldId("contact"): "090-0000-0000"}
FILLED_IN = e.StepCompleted(OFFER, AIKO, TODAY, FILLED, 0, PERSONAL)


def test_it_keeps_what_a_condition_looks_at() -> None:
    assert fold((*STARTED, FILLED_IN)).answers == {OFFER: GRADUATE}


def test_nothing_else_of_a_form_is_written_down() -> None:
    told = repr(kept(fold((*STARTED, FILLED_IN))))
    assert "新卒" in told
    assert "急ぎ" not in told
    assert "090" not in told


def test_a_run_begun_before_starts_named_decisive_fields_keeps_them_all() -> None:
    old = replace(START, decisive=None)
    assert fold((old, OFFER_READY, FILLED_IN)).answers == {OFFER: FILLED | PERSONAL}


def test_the_last_form_counts() -> None:
    again = replace(FILLED_IN, values={FieldId("remark"): "なし"})
    run = fold((*STARTED, FILLED_IN, e.StepReopened(OFFER, ()), OFFER_READY, again))
    assert run.answers == {OFFER: {}}
    assert run.steps[OFFER].form == {**again.values, **PERSONAL}


@pytest.mark.parametrize("written_down", [False, True])
def test_the_same_form_is_known_again(written_down: bool) -> None:
    run = fold((*STARTED, FILLED_IN))
    form = (kept(kept(run)) if written_down else run).steps[OFFER].form
    assert is_form(form, PERSONAL | FILLED)
    assert not is_form(form, FILLED)


def test_a_form_is_the_same_in_any_order_and_another_with_any_other_value() -> None:
    forwards: dict[FieldId, e.Value] = {**FILLED}
    backwards = dict(reversed(forwards.items()))
    assert fingerprint(forwards) == fingerprint(backwards)
    others: list[e.Value] = [True, False, "真"]
    forms: list[dict[FieldId, e.Value]] = [forwards, {}, *({FieldId(n): v} for n in "ab" for v in others)]
    assert len({fingerprint(form) for form in forms}) == len(forms)


def test_every_event_has_a_rule() -> None:
    assert set(RULES) == set(e.RunEvent.__args__)
