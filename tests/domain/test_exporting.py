"""What may happen to an export of a company's log."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.refusals import NotFound, NotPermitted
from domain.tenants import export_events as e
from domain.tenants import exporting
from domain.tenants.erasure_events import PersonErased
from domain.tenants.exports import Exports, exports_after
from domain.tenants.folding import evolve
from tests.people import AIKO, EMI, FUMIO, HANA, MONDAY, TENANT

ASKED = e.ExportAsked("x", HANA, ("csv",), None, None, None, None, "ja", True)
MADE = e.ExportMade("x", "9" * 64, 100, 5, 1, 5, 5, "8" * 64, MONDAY + timedelta(days=7))


def after(*events: e.ExportEvent) -> Exports:
    exports = Exports()
    for event in events:
        exports = exports_after(event, exports)
    return exports


@pytest.mark.parametrize("events", [(ASKED,), (ASKED, MADE)], ids=["waiting", "made"])
def test_who_asked_and_admins_cancel_it_and_nobody_twice(events: tuple[e.ExportEvent, ...]) -> None:
    exports = after(*events)
    for by in (HANA, FUMIO, EMI):
        assert exporting.cancel(exports, "x", TENANT.members[by]) == [e.ExportCancelled("x")]
    with pytest.raises(NotPermitted):
        exporting.cancel(exports, "x", replace(TENANT.members[HANA], id=AIKO))
    assert exporting.cancel(after(*events, e.ExportCancelled("x")), "x", TENANT.members[EMI]) == []


def test_what_is_over_is_neither_made_nor_failed_nor_over_again() -> None:
    over = after(ASKED, e.ExportCancelled("x"))
    assert exporting.finish(over, MADE, 0) == exporting.fail(over, "x", "disk_full") == []
    assert exporting.expire(over, "x", MONDAY + timedelta(days=99)) == []


def test_it_is_made_once() -> None:
    assert exporting.finish(after(ASKED), MADE, 0) == [MADE]
    assert exporting.finish(after(ASKED, MADE), replace(MADE, sha256="7" * 64), 0) == []
    assert exporting.fail(after(ASKED, MADE), "x", "interrupted") == []


def test_its_time_is_over_at_an_instant() -> None:
    made = after(ASKED, MADE)
    assert exporting.expire(made, "x", MADE.expires_at - timedelta(microseconds=1)) == []
    assert exporting.expire(made, "x", MADE.expires_at) == [e.ExportExpired("x", "time")]


def test_what_shows_somebody_who_is_erased_is_over_and_is_not_finished() -> None:
    assert exporting.expire(after(ASKED, MADE).after_erasure(), "x", MONDAY) == [e.ExportExpired("x", "erasure")]
    with pytest.raises(exporting.ErasedMeanwhile):
        exporting.finish(after(ASKED).after_erasure(), MADE, 0)
    without = after(replace(ASKED, personal=False), MADE).after_erasure()
    assert exporting.expire(without, "x", MONDAY) == []


def test_a_download_is_noted_when_it_begins_and_for_each_who_does() -> None:
    made, heard = after(ASKED, MADE), e.ExportDownloaded("x", HANA, MADE.sha256)
    assert exporting.downloaded(made, "x", HANA, anew=False) == [heard]
    assert exporting.downloaded(after(ASKED, MADE, heard), "x", HANA, anew=False) == []
    assert exporting.downloaded(after(ASKED, MADE, heard), "x", HANA, anew=True) == [heard]
    assert exporting.downloaded(after(ASKED, MADE, heard), "x", EMI, anew=False) != []
    with pytest.raises(NotFound):
        exporting.downloaded(made, "y", HANA, anew=True)


def test_an_erasure_in_the_company_is_counted() -> None:
    erased = evolve(PersonErased("er", None, ()), replace(TENANT, exports=after(ASKED, MADE)))
    assert (erased.exports.erasures, erased.exports.open["x"].stale) == (1, True)
