"""The library's application runs on our log, and the command service on the same streams."""

from collections.abc import Iterator, Sequence
from datetime import date

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from commands.runs import CompleteStep
from domain.events import Event
from domain.ids import DepartmentId, RunId
from domain.procedures.decisions import publish, save_draft
from domain.procedures.state import Procedure
from domain.runs.decisions import start
from domain.runs.flow import Setting
from domain.runs.state import Run
from domain.tenants.company import add_department, set_role_holders, sign_up
from domain.tenants.state import Tenant
from infra.calendar import japan
from infra.event_store.application import Because, LogApplication, environment
from infra.event_store.recorder import CommandRepeated
from infra.ids import uuid7
from services.bootstrap import write_side
from tests.commands.desks import Desk
from tests.people import COMPANY, EMI, HR, JOINING, JOINING_DAY, MONDAY, OFFER, PROCEDURE, address

BY_EMI = Because(EMI, "a test")


@pytest.fixture
def application(database: str) -> Iterator[LogApplication]:
    with LogApplication(environment(database, COMPANY)) as application:
        yield application


def signed_up(tenant: Tenant) -> Sequence[Event]:
    return sign_up(tenant, "足跡商事", "Asia/Tokyo", EMI, "笑", address("emi"), MONDAY)


def start_a_run(application: LogApplication) -> RunId:
    """A company of one, who starts its procedure."""
    run = RunId(uuid7())
    application.decide("tenant", COMPANY, signed_up, BY_EMI)
    application.decide("tenant", COMPANY, lambda tenant: set_role_holders(tenant, HR, (EMI,), MONDAY), BY_EMI)
    application.decide("procedure", PROCEDURE, lambda procedure: save_draft(procedure, JOINING), BY_EMI)
    application.decide("procedure", PROCEDURE, publish, BY_EMI)
    setting = Setting(run, JOINING, application.load("tenant", COMPANY).state, japan(), MONDAY)

    def started(state: Run) -> Sequence[Event]:
        return start(state, setting, PROCEDURE, 1, "新人", {JOINING_DAY: date(2026, 5, 1)}, EMI)

    application.decide("run", run, started, BY_EMI)
    return run


def test_a_decisions_events_make_the_next_state(application: LogApplication) -> None:
    application.decide("tenant", COMPANY, signed_up, BY_EMI)
    known = application.load("tenant", COMPANY)
    assert (known.version, known.state.name) == (3, "足跡商事")


def test_a_stream_that_is_not_there_is_empty(application: LogApplication) -> None:
    known = application.load("procedure", PROCEDURE)
    assert (known.version, known.state) == (0, Procedure())


def test_what_is_already_so_appends_nothing(application: LogApplication) -> None:
    application.decide("tenant", COMPANY, signed_up, BY_EMI)
    assert application.decide("tenant", COMPANY, signed_up, BY_EMI) == []


def test_its_notifications_are_the_tenants_own_sequence(application: LogApplication) -> None:
    start_a_run(application)
    section = application.notification_log.select(start=1, limit=10)
    assert [notification.id for notification in section] == list(range(1, 9))
    assert [notification.topic for notification in section][:2] == ["tenant.signed_up", "tenant.trial_started"]


def test_a_stream_that_went_on_during_the_decision_is_a_conflict(application: LogApplication) -> None:
    def slow(tenant: Tenant) -> Sequence[Event]:
        application.decide("tenant", COMPANY, signed_up, BY_EMI)
        return signed_up(tenant)

    with pytest.raises(IntegrityError):
        application.decide("tenant", COMPANY, slow, BY_EMI)


def test_a_command_that_was_carried_out_is_told(application: LogApplication) -> None:
    once = Because(EMI, command=uuid7())
    application.decide("tenant", COMPANY, signed_up, once)
    with pytest.raises(CommandRepeated):
        application.decide("tenant", COMPANY, lambda tenant: add_department(tenant, DepartmentId("hr"), "人事部"), once)


async def test_the_command_service_goes_on_where_it_stopped(application: LogApplication, database: str) -> None:
    run = start_a_run(application)
    async with write_side(database) as side:
        receipt = await Desk(side, database).do(CompleteStep(run, OFFER, {"employment": "新卒"}), by=EMI)
    known = application.load("run", run)
    assert (known.version, known.state.steps[OFFER].by) == (receipt.version, EMI)


async def test_both_fold_the_same_state(application: LogApplication, database: str) -> None:
    start_a_run(application)
    async with write_side(database) as side:
        assert await side.commands.tenant(COMPANY) == application.load("tenant", COMPANY).state


def test_what_is_personal_is_sealed_in_the_log_and_open_in_the_state(
    application: LogApplication, database: str
) -> None:
    start_a_run(application)
    with psycopg.connect(database) as connection:
        log = connection.execute("SELECT string_agg(convert_from(body, 'UTF8'), '') FROM events").fetchone()
    assert log is not None
    assert not [word for word in ("笑", address("emi"), "新人") if word in log[0]]
    assert application.load("tenant", COMPANY).state.members[EMI].name == "笑"
