"""What ten months of two companies leave in the log."""

from collections import Counter

import pytest

from domain.events import EVENT_TYPES
from services.api.keys import KEY, presented
from services.demo.companies import company_plans
from services.demo.generator import Demo
from tests.services.demo.histories import END, Stored, lived, log_of, runs_of

NOT_BY_PEOPLE = {
    "tenant.trial_ended",
    "tenant.plan_change_refused",
    "tenant.plan_cancelled",
    "tenant.plan_lapsed",
    "tenant.member_provisioned",
    "tenant.member_renamed",
    "tenant.member_moved",
    "tenant.member_removed",
    "tenant.person_erased",
    "run.subject_erased",
    "tenant.hold_set",
    "tenant.hold_released",
    "tenant.retention_set",
    "tenant.end_announced",
    "tenant.end_withdrawn",
    "tenant.closed",
    "tenant.anchor_webhook_set",
    "tenant.export_asked",
    "tenant.export_made",
    "tenant.export_failed",
    "tenant.export_cancelled",
    "tenant.export_expired",
    "tenant.export_downloaded",
}
"""How a customer is lost, or nearly, which is not what a demo is to show; what a directory does; erasures; exports."""


@pytest.fixture(scope="module")
def demo(module_database: str) -> Demo:
    return lived(module_database, 1, 300, company_plans(2))


@pytest.fixture(scope="module")
def log(demo: Demo, module_database: str) -> list[Stored]:
    return log_of(module_database)


def test_everything_that_people_can_cause_has_happened(log: list[Stored]) -> None:
    assert {stored.event.type for stored in log} == set(EVENT_TYPES) - NOT_BY_PEOPLE


def test_recorded_times_never_go_backwards(log: list[Stored]) -> None:
    times = [stored.at for stored in log]
    assert times == sorted(times)
    assert times[-1] <= END


def test_it_counts_what_it_wrote(demo: Demo, log: list[Stored]) -> None:
    assert demo.events == len(log)
    assert 5_000 <= len(log) <= 15_000


def test_both_companies_did_all_their_starter_procedures(log: list[Stored]) -> None:
    done = {(stored.tenant, stored.event.title) for stored in log if stored.event.type == "run.started"}
    each = Counter(tenant for tenant, title in done if title not in ("社内ITお問い合わせ", "備品貸出"))
    assert list(each.values()) == [11, 11]


def test_every_run_is_consistent(log: list[Stored]) -> None:
    for run in runs_of(log).values():
        statuses = {step.status for step in run.steps.values()}
        assert run.status != "completed" or statuses <= {"done", "skipped"}
        assert run.status != "open" or "ready" in statuses


def test_it_ends_with_work_in_flight_some_of_it_late(log: list[Stored]) -> None:
    open_runs = [run for run in runs_of(log).values() if run.is_open]
    late = [
        step
        for run in open_runs
        for step in run.steps.values()
        if step.status == "ready" and step.due and step.due < END.date()
    ]
    assert len(open_runs) > 20
    assert late


def test_refusals_of_several_kinds_are_on_record(log: list[Stored]) -> None:
    codes = {stored.event.code for stored in log if stored.event.type == "command.refused"}
    assert codes >= {"not_assignee", "same_actor", "not_permitted", "seat_limit_reached", "last_owner"}


def test_the_keys_it_hands_over_are_those_in_the_log(demo: Demo, log: list[Stored]) -> None:
    issued = {
        (stored.tenant, stored.event.member, stored.event.sha256)
        for stored in log
        if stored.event.type == "tenant.api_key_issued"
    }
    for company in demo.companies:
        for member in (company.owner, company.manager, company.auditor):
            shown = presented(KEY, member.key)
            assert shown
            assert (shown.tenant, member.member, shown.sha256) in issued


def test_nobody_who_left_is_still_to_do_something(log: list[Stored]) -> None:
    """Their open steps are handed over on the last day, or found by whoever misses them within days."""
    gone = {s.event.member: s.at for s in log if s.event.type == "tenant.member_deactivated"}
    back = {s.event.member for s in log if s.event.type == "tenant.member_reactivated"}
    long_gone = {m for m, at in gone.items() if m not in back and (END - at).days > 40}
    held = {
        step.assignee
        for run in runs_of(log).values()
        if run.is_open
        for step in run.steps.values()
        if step.status == "ready"
    }
    assert not held & long_gone
    assert long_gone
