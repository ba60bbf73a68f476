"""Each event is applied once and in order, whatever was delivered twice, late, or before its turn.

Each guard is taken away once, to see that the test of it would notice.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
import pytest

from infra.kafka import cursor
from infra.kafka.cursor import Cursor, Overtaken, move
from infra.kafka.relay import Relay, _with_ends
from infra.kafka.settings import KafkaSettings
from infra.kafka.sorting import Sorted
from infra.kafka.source import FromTopic
from infra.read_store import places
from infra.read_store.live import Fenced, Live
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from tests.infra.kafka import reading
from tests.infra.kafka.by_hand import ByHand, early, relay_all, twice
from tests.infra.kafka.following import follow_all
from tests.infra.kafka.logs import some_log, worked

Break = Callable[[pytest.MonkeyPatch], None]
Scenario = Callable[[str, KafkaSettings], Awaitable[None]]


def never(*_: object) -> bool:
    return False


def no_deduplication(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sorted, "is_seen", never)
    patch.setattr(reading, "fresh", lambda events, _: events)


def no_waiting_for_ones_turn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sorted, "is_early", never)


def no_compare_and_set_of_positions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(places, "MOVE", places.MOVE.replace("AND p.position = m.stored AND p.epoch = m.epoch", ""))


def no_compare_and_set_of_the_cursor(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cursor, "MOVE", cursor.MOVE.replace("AND position = %s", "AND %s >= 0"))


async def records_again_after_newer_ones(dsn: str, kafka: KafkaSettings) -> None:
    """What a relay leaves that was held up, or that failed after it had sent."""
    await _in_this_order(dsn, kafka, twice)


async def a_later_batch_without_the_one_before(dsn: str, kafka: KafkaSettings) -> None:
    """What a producer leaves whose first batch failed while the second went through: both are sent again."""
    await _in_this_order(dsn, kafka, early)


async def _in_this_order(dsn: str, kafka: KafkaSettings, order: Callable[[list[object]], list[object]]) -> None:
    _, last = await some_log(dsn)
    relay_all(dsn, kafka)
    topic = ByHand(dsn, kafka)
    for partition, some in topic.real.items():
        topic.write(partition, order(some))
    topic.finish()
    assert reading.read_all(dsn, topic.settings, last) == reading.log_by_partition(dsn, topic.topic.partitions)


async def a_projector_that_was_held_up(dsn: str, kafka: KafkaSettings) -> None:
    """It leads, stands still, another takes over and goes on; then it wakes up and stores what it had read."""
    await some_log(dsn)
    last = relay_all(dsn, kafka)
    delivery = FromTopic(kafka)
    # The tasks' rows are replaced by what a late fold says of them; a ledger's keys would notice by themselves.
    tasks = [one for one in PROJECTIONS if one.name == "tasks"]
    with Live(dsn, tasks, delivery=delivery) as zombie, Live(dsn, tasks, delivery=delivery) as other:
        follow_all(other, last)
        with pytest.raises(Fenced):
            follow_all(zombie, last)
    assert verify(dsn, tasks, workers=1) == []


async def a_relay_that_was_held_up(dsn: str, kafka: KafkaSettings) -> None:
    """It has sent a batch, stands still, another takes over and goes on; then it wakes up and moves the cursor."""
    tenants, _ = await some_log(dsn)
    relay_all(dsn, kafka)
    with Relay(dsn, kafka) as zombie:
        await worked(dsn, tenants)
        events, lasts = zombie._read(), list(zombie.cursor.lasts)
        sent = [zombie._send(event, end, lasts, []) for event, end in _with_ends(events)]
        # As when the server takes it for gone: its lock is free.
        zombie._connection.execute("SELECT pg_advisory_unlock_all()")
        await worked(dsn, tenants)
        last = relay_all(dsn, kafka)
        zombie._deliver(sent)
        with suppress(Overtaken):
            move(zombie._connection, zombie._topic, zombie.cursor, Cursor(events[-1].position, tuple(lasts)), [])
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT position FROM relays").fetchone() == (last,), "the cursor went back"
    assert reading.read_all(dsn, kafka, last) == reading.log_by_partition(dsn, 3)


GUARDS: dict[Break, Scenario] = {
    no_deduplication: records_again_after_newer_ones,
    no_waiting_for_ones_turn: a_later_batch_without_the_one_before,
    no_compare_and_set_of_positions: a_projector_that_was_held_up,
    no_compare_and_set_of_the_cursor: a_relay_that_was_held_up,
}


@pytest.mark.parametrize("scenario", GUARDS.values(), ids=lambda one: one.__name__)
async def test_each_event_is_applied_once_and_in_order(
    database: str, kafka: KafkaSettings, scenario: Scenario
) -> None:
    await scenario(database, kafka)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda one: one.__name__)
async def test_without_its_guard_it_would_fail(
    database: str, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch, guard: Break
) -> None:
    guard(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await GUARDS[guard](database, kafka)
