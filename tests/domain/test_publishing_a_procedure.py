"""Drafts, versions, and retirement."""

from dataclasses import replace

import pytest

from domain.procedures import events as e
from domain.procedures.checks import check
from domain.procedures.decisions import (
    NothingToPublish,
    NotPublished,
    publish,
    retire,
    save_draft,
    version_to_start,
)
from domain.procedures.state import fold
from domain.refusals import NotFound, ReasonMissing
from tests.given import given
from tests.people import JOINING

OTHER = replace(JOINING, summary="改訂")
DRAFT = e.DraftSaved(JOINING)
PUBLISHED = e.ProcedurePublished(1, JOINING)
RETIRED = e.ProcedureRetired()


def test_the_procedure_of_the_cast_makes_sense() -> None:
    check(JOINING)


def test_a_draft_is_saved() -> None:
    given().when(save_draft, JOINING).then(DRAFT)


def test_the_same_draft_again_changes_nothing() -> None:
    given(DRAFT).when(save_draft, JOINING).changes_nothing()


def test_the_draft_becomes_a_version() -> None:
    given(DRAFT).when(publish).then(PUBLISHED)


def test_the_next_draft_becomes_the_next_version() -> None:
    given(DRAFT, PUBLISHED, e.DraftSaved(OTHER)).when(publish).then(e.ProcedurePublished(2, OTHER))


def test_only_a_draft_is_published() -> None:
    given(DRAFT, PUBLISHED).when(publish).refuses(NothingToPublish)


def test_what_was_never_written_is_not_found() -> None:
    given().when(publish).refuses(NotFound)
    given().when(retire, "理由").refuses(NotFound)


def test_a_procedure_is_retired_once() -> None:
    given(DRAFT, PUBLISHED).when(retire, "廃止").then(RETIRED)
    given(DRAFT, PUBLISHED, RETIRED).when(retire, "廃止").changes_nothing()


def test_retiring_needs_a_reason() -> None:
    given(DRAFT, PUBLISHED).when(retire, None).refuses(ReasonMissing)


def test_runs_start_with_the_newest_version() -> None:
    procedure = fold([DRAFT, PUBLISHED, e.DraftSaved(OTHER), e.ProcedurePublished(2, OTHER)])
    assert version_to_start(procedure) == (2, OTHER)


@pytest.mark.parametrize("history", [[DRAFT], [DRAFT, PUBLISHED, RETIRED]], ids=["draft", "retired"])
def test_runs_start_with_nothing_else(history: list[e.ProcedureEvent]) -> None:
    with pytest.raises(NotPublished):
        version_to_start(fold(history))


def test_publishing_again_ends_a_retirement() -> None:
    procedure = fold([DRAFT, PUBLISHED, RETIRED, e.DraftSaved(OTHER), e.ProcedurePublished(2, OTHER)])
    assert version_to_start(procedure) == (2, OTHER)
