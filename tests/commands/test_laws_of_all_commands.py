"""What holds for every command, whatever happened before it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.catalogue import COMMANDS
from commands.procedures import ProcedureCommand, SaveDraft
from commands.request import IdempotencyKeyReused, Request
from commands.runs import RunCommand
from commands.service import CommandService, written_stream
from commands.states import FOLDS
from commands.wide import WideCommand
from domain.ids import CommandId, MemberId, ProcedureId, RunId
from domain.refusals import NotFound
from tests.commands.any_command import ANYTHING, HISTORIES, built
from tests.commands.memory_log import MemoryLog
from tests.commands.worlds import (
    FOREIGN_MEMBER,
    FOREIGN_PROCEDURE,
    FOREIGN_RUN,
    OTHERS,
    RUNS,
    UNKNOWN,
    Answer,
    Asked,
    answer,
    service,
    settle,
)
from tests.people import COMPANY, EMI, MONDAY

FOREIGN = {RunId: FOREIGN_RUN, ProcedureId: FOREIGN_PROCEDURE, MemberId: FOREIGN_MEMBER}
REASON = "理由"
NOWHERE = UNKNOWN[:-2] + "77"
"""An id that stands nowhere else, not even in another field of a command."""

SETTLED_LOG = MemoryLog()
asyncio.run(settle(SETTLED_LOG))

Step = Callable[[MemoryLog, CommandService, Asked], Awaitable[None]]


def throughout(history: list[Asked], step: Step) -> None:
    """Carry a history out, and look at each command on its way."""

    async def live() -> None:
        log = SETTLED_LOG.copy()
        by = service(log)
        for asked in history:
            await step(log, by, asked)

    asyncio.run(live())


@given(HISTORIES)
def test_a_repeated_command_gets_the_same_answer_and_changes_nothing(history: list[Asked]) -> None:
    async def twice(log: MemoryLog, by: CommandService, asked: Asked) -> None:
        first, position = await answer(by, asked), log.position
        for again in (by, service(log)):
            second = await answer(again, asked)
            assert (second.stream, second.version) == (first.stream, first.version)
            assert (second.code, second.sentence) == (first.code, first.sentence)
        assert log.position == position

    throughout(history, twice)


@given(HISTORIES)
def test_another_request_under_the_id_of_one_that_was_carried_out_is_refused(history: list[Asked]) -> None:
    async def reused(log: MemoryLog, by: CommandService, asked: Asked) -> None:
        await answer(by, asked)
        if (asked.request.tenant, asked.request.command) not in log.ledger:
            return
        position = log.position
        other = replace(asked, request=replace(asked.request, request_hash=b"another"))
        assert (await answer(by, other)).refusal is IdempotencyKeyReused
        assert log.position == position

    throughout(history, reused)


@given(HISTORIES)
def test_a_decision_is_the_same_whoever_makes_it(history: list[Asked]) -> None:
    async def elsewhere(log: MemoryLog, by: CommandService, asked: Asked) -> None:
        other = log.copy()
        assert await answer(service(other), asked) == await answer(by, asked)
        assert other.streams == log.streams

    throughout(history, elsewhere)


@given(HISTORIES)
def test_what_is_remembered_is_what_the_log_folds_to(history: list[Asked]) -> None:
    """It would not be, if a decision changed the state it was given, or an event that it yields did not fold."""

    async def folded(log: MemoryLog, by: CommandService, asked: Asked) -> None:
        await answer(by, asked)
        for (tenant, stream), known in by._held._cache._known.items():
            events = log.events(tenant, stream)  # type: ignore[arg-type]  # a NewType
            assert (known.version, known.state) == (len(events), FOLDS[known.kind](events))

    throughout(history, folded)


@given(HISTORIES)
def test_a_command_writes_its_own_stream_and_a_refusal_none_but_its_record(history: list[Asked]) -> None:
    async def own(log: MemoryLog, by: CommandService, asked: Asked) -> None:
        before = {stream: len(bodies) for stream, bodies in log.streams.items()}
        answered = await answer(by, asked)
        written = {stream for stream, bodies in log.streams.items() if len(bodies) != before.get(stream, 0)}
        allowed = {written_stream(asked.request, asked.command)[1]}
        if isinstance(asked.command, WideCommand):
            allowed |= set(RUNS)
        if answered.refusal is not None:
            allowed = {asked.request.command} if answered.refusal.recorded else set()
        assert written <= {(asked.request.tenant, stream) for stream in allowed}

    throughout(history, own)


@given(ANYTHING, st.data())
def test_a_foreign_id_gets_the_same_answer_as_an_unknown_one(asked: Asked, data: st.DataObject) -> None:
    hints = get_type_hints(type(asked.command))
    ids = [(f.name, FOREIGN[hints[f.name]]) for f in fields(asked.command) if hints[f.name] in FOREIGN]
    if not ids:
        return
    name, foreign = data.draw(st.sampled_from(ids))
    assert told(asked, name, foreign) == told(asked, name, NOWHERE)


def told(asked: Asked, name: str, value: str) -> tuple[Any, ...]:
    """The answer when a field names that id, with a blank for the id; the other company is as it was."""
    log = SETTLED_LOG.copy()
    answered = asyncio.run(answer(service(log), replace(asked, command=replace(asked.command, **{name: value}))))
    theirs = [bodies for (tenant, _), bodies in log.streams.items() if tenant == OTHERS]
    assert theirs == [bodies for (tenant, _), bodies in SETTLED_LOG.streams.items() if tenant == OTHERS]
    return blank(answered, value)


def blank(answered: Answer, value: str) -> tuple[Any, ...]:
    sentence, stream = (text.replace(value, "?") for text in (answered.sentence, answered.stream))
    return answered.refusal, sentence, stream, answered.version


ON_A_RUN = [name for name, kind in COMMANDS.items() if issubclass(kind, RunCommand)]
ON_A_PROCEDURE = [n for n, k in COMMANDS.items() if issubclass(k, ProcedureCommand) and k is not SaveDraft]


@pytest.mark.parametrize("name", ON_A_RUN)
@given(st.data())
def test_an_unknown_run_is_not_found_by_any_command(name: str, data: st.DataObject) -> None:
    not_found(replace(data.draw(built(COMMANDS[name])), run=UNKNOWN))


@pytest.mark.parametrize("name", [*ON_A_PROCEDURE, "start_run"])
@given(st.data())
def test_an_unknown_procedure_is_not_found_by_any_command(name: str, data: st.DataObject) -> None:
    new = {"run": RunId(NOWHERE)} if name == "start_run" else {}
    not_found(replace(data.draw(built(COMMANDS[name])), procedure=UNKNOWN, **new))


def not_found(command: Any) -> None:
    request = Request(COMPANY, CommandId(UNKNOWN), MONDAY, EMI, reason=REASON)
    assert asyncio.run(answer(service(SETTLED_LOG.copy()), Asked(request, command))).refusal is NotFound
