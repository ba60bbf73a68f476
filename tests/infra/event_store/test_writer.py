"""The group-committing writer: company without waiting, a verdict for each, nobody harmed by another's entry."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from commands.ports import Entry, LogUnavailable, NewEvent
from infra.ids import uuid7
from tests.infra.event_store.entries import commands_in_log, entry, writing

LONG_AGO = datetime(2024, 4, 1, tzinfo=UTC)


async def test_callers_at_the_same_time_share_commits(module_database: str) -> None:
    async with writing(module_database) as writer:
        verdicts = await asyncio.gather(*(writer.append(entry()) for _ in range(200)))
        assert {verdict.outcome for verdict in verdicts} == {"appended"}
        assert writer.commands == 200
        assert writer.batches < 20


async def test_a_lone_caller_is_not_kept_waiting_for_company(module_database: str) -> None:
    async with writing(module_database) as writer:
        for alone in range(1, 4):
            await writer.append(entry())
            assert writer.batches == alone


async def test_each_caller_gets_its_own_verdict(module_database: str) -> None:
    first = entry()
    async with writing(module_database) as writer:
        await writer.append(first)
        verdicts = await asyncio.gather(*map(writer.append, [entry(), first, entry(after=4), entry()]))
    assert [verdict.outcome for verdict in verdicts] == ["appended", "duplicate", "conflict", "appended"]


async def test_a_duplicate_brings_the_first_answer(module_database: str) -> None:
    first = entry(result=b"the first", request_hash=b"one")
    async with writing(module_database) as writer:
        appended = await writer.append(first)
        again = await writer.append(replace(first, result=b"the second", request_hash=b"two"))
    assert (again.outcome, again.result, again.request_hash) == ("duplicate", b"the first", b"one")
    assert (again.position, again.seq, again.recorded_at) == (
        appended.position,
        appended.seq,
        appended.recorded_at,
    )


def poisoned_by_stream() -> Entry:
    return entry("no-uuid")


def poisoned_by_version() -> Entry:
    good = entry()
    return replace(good, events=[NewEvent(good.seen[0].stream, 2**31, good.events[0].event)])


def poisoned_by_time() -> Entry:
    return entry(simulated_at=datetime.now(UTC) + timedelta(days=1))


def poisoned_by_tenant() -> Entry:
    return entry(tenant="足跡")


POISONED = [poisoned_by_stream, poisoned_by_version, poisoned_by_time, poisoned_by_tenant]


@pytest.mark.parametrize("poisoned", POISONED)
async def test_what_cannot_be_stored_fails_alone(module_database: str, poisoned: Callable[[], Entry]) -> None:
    async with writing(module_database) as writer:
        batch = [entry(), poisoned(), entry()]
        before, error, after = await asyncio.gather(*map(writer.append, batch), return_exceptions=True)
        assert isinstance(error, Exception)
        assert not isinstance(error, LogUnavailable)
        for verdict in (before, after):
            assert not isinstance(verdict, BaseException)
            assert verdict.outcome == "appended"


@pytest.mark.parametrize("poisoned", POISONED)
async def test_the_writer_works_on_after_it(module_database: str, poisoned: Callable[[], Entry]) -> None:
    async with writing(module_database) as writer:
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the reason was
            await writer.append(poisoned())
        async with asyncio.timeout(10):
            assert (await writer.append(entry())).outcome == "appended"


async def test_simulated_and_real_commands_of_a_batch_keep_their_own_times(database: str) -> None:
    async with writing(database) as writer:
        simulated, real = await asyncio.gather(
            writer.append(entry(simulated_at=LONG_AGO)), writer.append(entry())
        )
    assert simulated.recorded_at == LONG_AGO
    assert real.recorded_at is not None
    assert real.recorded_at > LONG_AGO + timedelta(days=1)


async def test_a_real_command_before_a_simulated_one_is_not_dated_back(database: str) -> None:
    async with writing(database) as writer:
        real, _ = await asyncio.gather(writer.append(entry()), writer.append(entry(simulated_at=LONG_AGO)))
    assert real.recorded_at is not None
    assert real.recorded_at > LONG_AGO + timedelta(days=1)


async def test_stopping_commits_what_is_queued(database: str) -> None:
    async with writing(database) as writer:
        queued = [asyncio.ensure_future(writer.append(entry())) for _ in range(600)]
        await asyncio.sleep(0)  # let them queue
    assert {verdict.outcome for verdict in await asyncio.gather(*queued)} == {"appended"}
    assert len(await commands_in_log(database)) == 600


async def test_a_stopped_writer_takes_nothing(database: str) -> None:
    async with writing(database) as writer:
        pass
    with pytest.raises(LogUnavailable):
        await writer.append(entry())


async def test_a_caller_that_goes_away_harms_nobody(module_database: str) -> None:
    async with writing(module_database) as writer:
        gone = asyncio.ensure_future(writer.append(entry()))
        stays = asyncio.ensure_future(writer.append(entry()))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).outcome == "appended"


async def test_a_writer_without_the_lock_costs_at_most_a_retry(database: str) -> None:
    """Someone inserts by hand: the batch that meets it fails as a whole, then each command alone gets in."""
    async with writing(database) as writer, await psycopg.AsyncConnection.connect(database) as careless:
        await careless.execute(
            "INSERT INTO events VALUES (1, %s, 1, %s, 1, 'by.hand', now(), '{}', '')", (uuid7(), uuid7())
        )
        waiting = [asyncio.ensure_future(writer.append(entry())) for _ in range(3)]
        await until_someone_waits(database)
        await careless.commit()
        assert [verdict.outcome for verdict in await asyncio.gather(*waiting)] == ["appended"] * 3


async def until_someone_waits(dsn: str) -> None:
    """A session of the database waits for a lock."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as watcher:
        while True:
            cursor = await watcher.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if await cursor.fetchone():
                return
            await asyncio.sleep(0.01)
