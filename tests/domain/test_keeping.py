"""How long runs are kept: whole years after their end, never cut short."""

from datetime import date

import pytest

from domain.ids import MemberId, ProcedureId, RunId
from domain.tenants.erasure_events import HoldReleased, HoldSet, RetentionSet
from domain.tenants.keeping import Keeping, keeping_after, years_after

PROCEDURE, OTHER = ProcedureId("p"), ProcedureId("o")


@pytest.mark.parametrize(
    ("ended", "years", "until"),
    [
        (date(2026, 3, 31), 7, date(2033, 3, 31)),
        (date(2024, 2, 29), 7, date(2031, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
    ],
)
def test_a_period_is_of_whole_years(ended: date, years: int, until: date) -> None:
    assert years_after(ended, years) == until


def test_a_procedures_own_period_comes_first_and_none_means_nothing_is_asked() -> None:
    keeping = keeping_after(RetentionSet(None, None, 7), Keeping())
    keeping = keeping_after(RetentionSet(PROCEDURE, None, 10), keeping)
    day = date(2026, 1, 1)
    assert (keeping.kept_until(PROCEDURE, day), keeping.kept_until(OTHER, day)) == (date(2036, 1, 1), date(2033, 1, 1))
    assert keeping_after(RetentionSet(None, 7, None), keeping).kept_until(OTHER, day) is None


def test_a_hold_is_about_what_it_names_until_it_is_released() -> None:
    keeping = keeping_after(HoldSet("h", MemberId("m"), None), Keeping())
    assert keeping.holding(member=MemberId("m")) == "h"
    assert keeping.holding(run=RunId("r")) is None
    assert keeping_after(HoldSet("all", None, None), keeping).holding(run=RunId("r")) == "all"
    assert keeping_after(HoldReleased("h"), keeping).holding(member=MemberId("m")) is None
