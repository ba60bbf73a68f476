"""A confidential run or procedure is as unknown as any other id to those whom it is none of, whatever they ask."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from commands import runs as r
from commands.catalogue import COMMANDS, Command
from commands.request import Request
from commands.runs import RunCommand, StartRun
from commands.service import CommandService
from domain.ids import CommandId, MemberId, ProcedureId, RunId, StepId
from domain.procedures.events import DraftSaved, ProcedurePublished
from domain.refusals import NotFound
from domain.runs.decisions import RunExists
from infra.ids import uuid7
from tests.commands.desks import refusal
from tests.commands.memory_log import MemoryLog
from tests.commands.worlds import RUNS, Asked, _write, service, settle
from tests.domain.joinings import CONTRACTED, OFFERED
from tests.people import (
    AIKO,
    BUNTA,
    CHIE,
    COMPANY,
    CONTRACT,
    GORO,
    IKUKO,
    JOINING,
    JOINING_DAY,
    MONDAY,
    OFFER,
    PC,
    PROCEDURE,
    STRANGER,
)

SECRET = ProcedureId("0199b000-0000-7000-8000-000000000201")
RUN = RunId("0199b000-0000-7000-8000-000000000301")
OPEN_RUN = RUNS[0]
DAYS = {JOINING_DAY: date(2026, 5, 1)}
HIDDEN = replace(JOINING, title="秘密の手続き", confidential=True)


async def company(events: Any = OFFERED) -> tuple[CommandService, MemoryLog]:
    """The cast's company with a confidential run."""
    log = MemoryLog()
    await settle(log)
    await _write(log, COMPANY, SECRET, (DraftSaved(HIDDEN), ProcedurePublished(1, HIDDEN)))
    started = replace(events[0], procedure=SECRET, confidential=True, starter=IKUKO)
    await _write(log, COMPANY, RUN, (started, *events[1:]))
    return service(log), log


def every_command(run: RunId) -> list[RunCommand]:
    """One of each kind on a run."""
    return [
        r.CompleteStep(run, OFFER, {"employment": "新卒"}),
        r.ApproveStep(run, CONTRACT),
        r.RejectStep(run, CONTRACT),
        r.SendBack(run, PC),
        r.ReopenStep(run, OFFER),
        r.SkipStep(run, PC),
        r.ReassignStep(run, PC, CHIE),
        r.TakeStep(run, PC),
        r.ChangeDueDate(run, PC, date(2026, 5, 2)),
        r.Comment(run, None, "見えますか"),
        r.Comment(run, StepId("nowhere"), "見えますか"),
        r.CancelRun(run),
    ]


def asked(command: Command, by: MemberId | None, **others: Any) -> Asked:
    return Asked(Request(COMPANY, CommandId(uuid7()), MONDAY, actor=by, reason="理由", **others), command)


def test_every_command_on_a_run_is_tried() -> None:
    kinds = {name for name, kind in COMMANDS.items() if issubclass(kind, RunCommand)}
    assert {command.name for command in every_command(RUN)} == kinds


@pytest.mark.parametrize("by", [CHIE, GORO, STRANGER], ids=["a-member", "a-partner", "a-stranger"])
@pytest.mark.parametrize("version", [None, 99], ids=["", "if-match"])
async def test_whom_it_is_none_of_gets_the_answer_of_an_unknown_id(by: MemberId, version: int | None) -> None:
    at, log = await company(OFFERED)
    before = log.position
    for hidden, unknown in zip(every_command(RUN), every_command(RunId(uuid7())), strict=True):
        told = []
        for command in (hidden, unknown):
            ask = asked(command, by, expected_version=version)
            refused = await refusal(at.execute(ask.request, ask.command))
            told.append((type(refused), refused.sentence, refused.facts))
        assert told[0] == told[1]
        assert told[0][0] is NotFound
    assert log.position == before


async def test_an_open_run_is_hidden_from_people_from_outside_who_have_no_step_of_it() -> None:
    at, log = await company()
    before = log.position
    for hidden, unknown in zip(every_command(OPEN_RUN), every_command(RunId(uuid7())), strict=True):
        told = []
        for command in (hidden, unknown):
            ask = asked(command, GORO, expected_version=99)
            refused = await refusal(at.execute(ask.request, ask.command))
            told.append((type(refused), refused.sentence, refused.facts))
        assert told[0] == told[1]
        assert told[0][0] is NotFound
    assert log.position == before
    member = asked(r.Comment(OPEN_RUN, None, "見えます"), CHIE)
    assert (await at.execute(member.request, member.command)).events == 1


async def test_a_partner_who_is_given_a_step_of_an_open_run_sees_it_from_then_on() -> None:
    at, _ = await company()
    first = asked(r.ReassignStep(OPEN_RUN, OFFER, GORO), BUNTA)
    await at.execute(first.request, first.command)
    second = asked(r.Comment(OPEN_RUN, None, "見えます"), GORO)
    assert (await at.execute(second.request, second.command)).events == 1


async def test_to_a_partner_an_open_procedure_is_unknown_when_they_try_to_start_it() -> None:
    at, log = await company()
    before = log.position
    for procedure in (PROCEDURE, ProcedureId(uuid7())):
        ask = asked(StartRun(RunId(uuid7()), procedure, "誰か", DAYS), GORO)
        refused = await refusal(at.execute(ask.request, ask.command))
        assert (type(refused), refused.facts) == (NotFound, {})
    assert log.position == before


@pytest.mark.parametrize("by", [IKUKO, AIKO, BUNTA], ids=["who-started-it", "who-did-a-step", "a-manager"])
async def test_those_who_have_to_do_with_it_go_on(by: MemberId) -> None:
    at, _ = await company(OFFERED)
    ask = asked(r.Comment(RUN, None, "見えます"), by)
    assert (await at.execute(ask.request, ask.command)).events == 1


async def test_who_is_given_a_step_sees_the_run_from_then_on() -> None:
    at, _ = await company(CONTRACTED)
    first = asked(r.ReassignStep(RUN, PC, GORO), BUNTA)
    await at.execute(first.request, first.command)
    second = asked(r.Comment(RUN, None, "見えます"), GORO)
    assert (await at.execute(second.request, second.command)).events == 1


async def test_who_holds_no_role_of_a_confidential_procedure_cannot_start_it() -> None:
    at, _ = await company()
    for procedure in (SECRET, ProcedureId(uuid7())):
        ask = asked(StartRun(RunId(uuid7()), procedure, "誰か", DAYS), GORO, expected_version=7)
        refused = await refusal(at.execute(ask.request, ask.command))
        assert (type(refused), refused.sentence) == (
            NotFound,
            "expected a procedure of the company, but there is none of that id",
        )
    holder = asked(StartRun(RunId(uuid7()), SECRET, "誰か", DAYS), CHIE)
    assert (await at.execute(holder.request, holder.command)).events


async def test_starting_a_run_under_the_id_of_a_hidden_one_says_nothing_of_it() -> None:
    at, _ = await company()
    ask = asked(StartRun(RUN, PROCEDURE, "誰か", DAYS), CHIE)
    refused = await refusal(at.execute(ask.request, ask.command))
    assert (type(refused), refused.facts) == (NotFound, {})
    again = asked(StartRun(RUN, PROCEDURE, "誰か", DAYS), IKUKO)
    assert type(await refusal(at.execute(again.request, again.command))) is RunExists
