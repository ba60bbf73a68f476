"""What our recorder promises beyond the library's own tests."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking

from infra.event_store.application import environment
from infra.event_store.recorder import CommandRepeated, LogFactory, LogRecorder, UnsafeSetting
from infra.ids import uuid7
from tests.faults.relay import relayed
from tests.infra.event_store.appending import OTHER_TENANT, TENANT, append, writes
from tests.infra.event_store.entries import commands_in_log

Recording = Callable[..., LogRecorder]
STATE = b'{"command":"by the library"}'


@pytest.fixture
def recorder_of() -> Iterator[Recording]:
    """Recorders, closed with the test."""
    factories: list[LogFactory] = []

    def make(dsn: str, tenant: str = TENANT, **others: str) -> LogRecorder:
        factories.append(LogFactory(environment(dsn, tenant) | others))
        recorder = factories[-1].application_recorder()
        assert isinstance(recorder, LogRecorder)
        return recorder

    yield make
    for factory in factories:
        factory.close()


def stored(stream: str, *versions: int) -> list[StoredEvent]:
    return [StoredEvent(stream, version, "test.happened", STATE) for version in versions]


def test_settings_that_omit_the_lock_are_refused(database: str, recorder_of: Recording) -> None:
    with pytest.raises(UnsafeSetting, match="POSTGRES_ENABLE_DB_FUNCTIONS"):
        recorder_of(database, POSTGRES_ENABLE_DB_FUNCTIONS="y")


def test_it_makes_no_tables(database: str, recorder_of: Recording) -> None:
    tables = "SELECT array_agg(relname ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    with psycopg.connect(database, autocommit=True) as connection:
        before = connection.execute(tables).fetchone()
        recorder_of(database, CREATE_TABLE="y").insert_events(stored(uuid7(), 1))
        assert connection.execute(tables).fetchone() == before


def test_tenants_do_not_see_or_count_each_other(database: str, recorder_of: Recording) -> None:
    ours, theirs, stream = recorder_of(database), recorder_of(database, OTHER_TENANT), uuid7()
    theirs.insert_events(stored(stream, 1, 2, 3))
    assert ours.select_events(stream) == []
    assert ours.select_notifications(None, 10) == []
    assert ours.max_notification_id() is None
    assert ours.insert_events(stored(stream, 1)) == [1]


def test_it_sees_what_others_appended(database: str, recorder_of: Recording) -> None:
    stream = uuid7()
    with psycopg.connect(database, autocommit=True) as connection:
        append(connection, writes(stream, count=2))
    assert [event.originator_version for event in recorder_of(database).select_events(stream)] == [1, 2]


def test_several_streams_are_written_together_or_not_at_all(database: str, recorder_of: Recording) -> None:
    recorder, one, two = recorder_of(database), uuid7(), uuid7()
    with pytest.raises(IntegrityError):
        recorder.insert_events([*stored(one, 1), *stored(two, 2)])
    assert recorder.max_notification_id() is None
    assert recorder.insert_events([*stored(one, 1), *stored(two, 1, 2)]) == [1, 2, 3]


def test_a_stream_has_no_holes(database: str, recorder_of: Recording) -> None:
    with pytest.raises(IntegrityError):
        recorder_of(database).insert_events(stored(uuid7(), 1, 3))


def test_a_stream_that_was_seen_must_not_have_gone_on(database: str, recorder_of: Recording) -> None:
    recorder, seen, written = recorder_of(database), uuid7(), uuid7()
    recorder.insert_events(stored(seen, 1, 2))
    with pytest.raises(IntegrityError):
        recorder.insert_events(stored(written, 1), seen={seen: 1})
    assert recorder.insert_events(stored(written, 1), seen={seen: 2}) == [3]


def test_a_commands_id_is_carried_out_once(database: str, recorder_of: Recording) -> None:
    recorder, command = recorder_of(database), uuid7()
    recorder.insert_events(stored(uuid7(), 1), command_id=command)
    with pytest.raises(CommandRepeated):
        recorder.insert_events(stored(uuid7(), 1), command_id=command)
    assert recorder.max_notification_id() == 1


def test_a_tracking_row_is_refused(database: str, recorder_of: Recording) -> None:
    with pytest.raises(UnsafeSetting):
        recorder_of(database).insert_events(stored(uuid7(), 1), tracking=Tracking("upstream", 1))


def test_nothing_to_write_is_nothing_written(database: str, recorder_of: Recording) -> None:
    recorder = recorder_of(database)
    assert recorder.insert_events([]) == []
    assert recorder.max_notification_id() is None


async def test_an_answer_lost_after_the_commit_is_no_conflict(database: str, recorder_of: Recording) -> None:
    """The library's own recorder raises IntegrityError here, for a write that succeeded."""
    async with relayed(database) as (relay, dsn):
        recorder = await asyncio.to_thread(recorder_of, dsn)
        await asyncio.to_thread(recorder.insert_events, stored(uuid7(), 1))
        relay.lose_next_answer()
        assert await asyncio.to_thread(recorder.insert_events, stored(uuid7(), 1, 2)) == [2, 3]
        assert relay.lost.is_set()
    assert len(await commands_in_log(database)) == 3


def test_a_subscription_hears_of_what_came_without_a_notification(database: str, recorder_of: Recording) -> None:
    recorder = recorder_of(database)
    by_hand = "INSERT INTO events VALUES (1, %s, 1, %s, 1, 'by.hand', now(), '{}', '')"
    with recorder.subscribe() as subscription, psycopg.connect(database, autocommit=True) as connection:
        connection.execute(by_hand, (TENANT, uuid7()))
        received: Any = next(subscription)
        assert (received.id, received.topic) == (1, "by.hand")
