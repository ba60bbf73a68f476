"""Whatever happens to the connection: what was acknowledged is in the log once, and nothing is there twice."""

import asyncio

import psycopg
import pytest

from commands.ports import LogUnavailable
from infra.event_store import wire
from infra.event_store.grouping import FEW
from tests.faults.crashing_server import CrashingServer
from tests.faults.relay import relayed
from tests.infra.event_store.entries import commands_in_log, entry, writing
from tests.infra.event_store.test_writer import until_someone_waits

TAKE_THE_LOCK = "SELECT pg_advisory_xact_lock(4702394921427289928)"
END_WHO_WAITS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'advisory'
"""


async def test_a_connection_killed_before_the_commit_is_made_anew(database: str) -> None:
    asked = [entry() for _ in range(20)]
    async with writing(database) as writer, await psycopg.AsyncConnection.connect(database) as other:
        await other.execute(TAKE_THE_LOCK)
        waiting = [asyncio.ensure_future(writer.append(one)) for one in asked]
        await until_someone_waits(database)
        await other.execute(END_WHO_WAITS)
        await other.commit()
        verdicts = await asyncio.gather(*waiting)
    assert {verdict.outcome for verdict in verdicts} == {"appended"}
    assert await commands_in_log(database) == [one.command for one in asked]


async def test_an_answer_lost_after_the_commit_is_found_in_the_ledger(database: str) -> None:
    asked = [entry() for _ in range(FEW)]
    async with relayed(database) as (relay, dsn), writing(dsn) as writer:
        await writer.append(entry())
        relay.lose_next_answer()
        verdicts = await asyncio.gather(*map(writer.append, asked))
    assert relay.lost.is_set()
    assert [(verdict.outcome, verdict.seq) for verdict in verdicts] == [("duplicate", n) for n in range(2, FEW + 2)]
    assert (await commands_in_log(database))[1:] == [one.command for one in asked]


async def test_a_server_that_crashed_and_came_back_is_used_again() -> None:
    with CrashingServer() as server:
        async with writing(server.dsn) as writer:
            first = entry()
            await writer.append(first)
            server.kill()
            waiting = asyncio.ensure_future(writer.append(second := entry()))
            await asyncio.to_thread(server.start)
            assert (await waiting).outcome == "appended"
        assert await commands_in_log(server.dsn) == [first.command, second.command]


async def test_a_server_that_stays_away_makes_the_log_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "GIVE_UP_AFTER", 0.2)
    with CrashingServer() as server:
        async with writing(server.dsn) as writer:
            server.kill()
            errors = await asyncio.gather(*(writer.append(entry()) for _ in range(3)), return_exceptions=True)
            assert [type(error) for error in errors] == [LogUnavailable] * 3
