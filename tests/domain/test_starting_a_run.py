"""Starting a run."""

from dataclasses import replace
from datetime import date

import pytest

from domain.ids import AnchorId
from domain.refusals import InvalidInput
from domain.runs.decisions import RunExists, start
from infra.calendar import japan
from tests.domain.joinings import ANCHORS, OFFER_READY, START, STARTED
from tests.given import given
from tests.people import AIKO, JOINING_DAY, PROCEDURE


def test_a_run_starts_with_its_plan_and_what_waits_for_nothing() -> None:
    started = replace(START, calendar=japan().version)
    given().when(start, PROCEDURE, 1, "山田さん", ANCHORS, AIKO).then(started, OFFER_READY)


def test_a_run_starts_once() -> None:
    given(*STARTED).when(start, PROCEDURE, 1, "山田さん", ANCHORS, AIKO).changes_nothing()


def test_an_id_stands_for_one_run() -> None:
    given(*STARTED).when(start, PROCEDURE, 1, "佐藤さん", ANCHORS, AIKO).refuses(RunExists, "new id")
    later = {JOINING_DAY: date(2026, 10, 1)}
    given(*STARTED).when(start, PROCEDURE, 1, "山田さん", later, AIKO).refuses(RunExists)


def test_every_anchor_needs_a_date() -> None:
    given().when(start, PROCEDURE, 1, "山田さん", {}, AIKO).refuses(InvalidInput, "each anchor")


def test_an_anchor_that_the_procedure_does_not_have_is_refused() -> None:
    anchors = {**ANCHORS, AnchorId("leaving"): date(2026, 5, 1)}
    given().when(start, PROCEDURE, 1, "山田さん", anchors, AIKO).refuses(InvalidInput, "each anchor")


def test_of_many_unknown_anchors_a_hundred_are_named() -> None:
    anchors = {**ANCHORS, **{AnchorId(f"day-{n}"): date(2026, 5, 1) for n in range(20_000)}}
    refusal = given().when(start, PROCEDURE, 1, "山田さん", anchors, AIKO).refusal
    assert refusal
    assert len(str(refusal.facts)) < 20_000


def test_the_name_of_an_unknown_anchor_is_not_repeated_when_it_is_no_slug() -> None:
    anchors = {**ANCHORS, AnchorId("山田太郎\ud800"): date(2026, 5, 1)}
    refusal = given().when(start, PROCEDURE, 1, "山田さん", anchors, AIKO).refusal
    assert refusal
    assert "山田太郎" not in str(refusal.facts)


def test_an_absurd_date_is_refused() -> None:
    anchors = {JOINING_DAY: date(1, 1, 1)}
    given().when(start, PROCEDURE, 1, "山田さん", anchors, AIKO).refuses(InvalidInput, "anchors.joining")


@pytest.mark.parametrize("subject", [" ", "\u200b", "山田\nさん", "山田\u202eさん"])
def test_a_run_is_about_somebody_or_something(subject: str) -> None:
    given().when(start, PROCEDURE, 1, subject, ANCHORS, AIKO).refuses(InvalidInput, "'subject'")
