"""Read models that follow the topic are those that follow the log, whatever befalls the topic."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from signal import SIGCONT, SIGSTOP
from subprocess import DEVNULL, PIPE, Popen

import msgspec
import psycopg
import pytest
from kafka import KafkaAdminClient, TopicPartition
from structlog.testing import capture_logs

from domain.runs.events import Commented
from infra.kafka.cursor import TopicChanged
from infra.kafka.relay import Relay
from infra.kafka.relaying import FAILED, PROGRAM, Order, Word
from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.read_store.live import Live
from infra.read_store.rebuild import rebuild
from projections.catalogue import PROJECTIONS
from tests.broker.broker import Broker
from tests.infra.kafka.by_hand import ByHand, relay_all
from tests.infra.kafka.following import check, follow_all, followed
from tests.infra.kafka.logs import founded, some_log, some_tenants, worked
from tests.infra.kafka.records import records
from tests.services.test_relaying import through, until

PATIENCE = 60.0


@pytest.mark.parametrize("batch", [1, 7, 2_000])
async def test_what_follows_the_topic_is_what_the_log_says(database: str, kafka: KafkaSettings, batch: int) -> None:
    _, last = await some_log(database)
    relay_all(database, kafka)
    followed(database, kafka, last, batch)


async def test_two_share_the_partitions_and_hand_them_over(database: str, kafka: KafkaSettings) -> None:
    tenants, last = await some_log(database)
    relay_all(database, kafka)
    delivery = FromTopic(kafka)
    with Live(database, PROJECTIONS, delivery=delivery) as alone:
        follow_all(alone, last)
    with (
        Live(database, PROJECTIONS, delivery=delivery, partitions=[0]) as one,
        Live(database, PROJECTIONS, delivery=delivery, partitions=[1, 2]) as other,
    ):
        last = await worked(database, tenants)
        relay_all(database, kafka)
        follow_all(one, last)
        follow_all(other, last)
    check(database, last)


async def test_from_the_log_to_the_topic_and_back(database: str, kafka: KafkaSettings) -> None:
    tenants, _ = await some_log(database)
    with Live(database, PROJECTIONS, batch=5) as live:
        live.step()
    last = relay_all(database, kafka)
    followed(database, kafka, last)
    last = await worked(database, tenants)
    with Live(database, PROJECTIONS) as live:
        while live.step():
            pass
    check(database, last)


async def test_a_record_that_is_no_event_is_noted_and_left_out(database: str, kafka: KafkaSettings) -> None:
    _, last = await some_log(database)
    relay_all(database, kafka)
    topic = ByHand(database, kafka)
    for partition, some in topic.real.items():
        topic.write(partition, some[:3])
        topic.write_else(partition, b"someone", b"{}")
        topic.write_else(partition, None, b"{}", ("ce_specversion", b"1.0"))
        topic.write(partition, some[3:])
    topic.finish()
    followed(database, topic.settings, last)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM topic_strangers").fetchone() == (2 * len(topic.real),)


async def test_an_event_too_large_for_a_record_is_taken_from_the_log(database: str, kafka: KafkaSettings) -> None:
    kafka = replace(kafka, largest=10_000)
    tenants = some_tenants(2)
    await founded(database, tenants)
    await worked(database, tenants, runs=1, text="長" * 4_000)
    last = await worked(database, tenants, runs=1)
    relay_all(database, kafka)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM relay_dead_letters").fetchone() == (2,)
    followed(database, kafka, last)


async def test_a_topic_that_was_made_anew_is_refused_and_can_be_filled_again(
    database: str, kafka: KafkaSettings
) -> None:
    tenants, last = await some_log(database)
    relay_all(database, kafka)
    followed(database, kafka, last)
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.delete_topics([kafka.topic])
    with pytest.raises(TopicChanged, match="there is none"):
        FromTopic(kafka)
    last = await worked(database, tenants)
    with Relay(database, kafka, again=True) as relay:
        while relay.step():
            pass
    followed(database, kafka, last)


async def test_who_follows_notices_other_partitions_and_a_topic_made_anew_meanwhile(
    database: str, kafka: KafkaSettings
) -> None:
    _, last = await some_log(database)
    relay_all(database, kafka)
    with (
        Live(database, PROJECTIONS, delivery=FromTopic(kafka)) as live,
        KafkaAdminClient(**kafka.client("test")) as admin,
    ):
        follow_all(live, last)
        admin.create_partitions({kafka.topic: 5})
        with pytest.raises(TopicChanged, match="to have 3 partitions, but it has 5"):
            Live(database, PROJECTIONS, delivery=FromTopic(kafka)).__enter__()
        admin.delete_topics([kafka.topic])
        with Relay(database, kafka, again=True) as relay:
            assert relay.step()
        with pytest.raises(TopicChanged, match="made anew"):
            follow_all(live, last + 1)


async def test_records_past_their_retention_are_missed_and_a_rebuild_takes_them_from_the_log(
    database: str, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.kafka.source.SUSPICIOUS_AFTER", 0.0)
    tenants, last = await some_log(database)
    relay_all(database, kafka)
    gone = {TopicPartition(kafka.topic, number): min(3, len(some)) for number, some in records(kafka).items()}
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.delete_records(gone)
    with capture_logs() as lines, pytest.raises(AssertionError, match="expected to come through"):
        followed(database, kafka, last)
    assert any("`ashiato rebuild` takes them from the log" in str(line.get("problem")) for line in lines), lines
    rebuild(database, PROJECTIONS, workers=1)
    last = await worked(database, tenants)
    relay_all(database, kafka)
    followed(database, kafka, last)


async def test_a_broker_that_stands_still_past_the_delivery_timeout_costs_a_relay_and_nothing_else(
    database: str, kafka: KafkaSettings, own_broker: Callable[[], Broker]
) -> None:
    with own_broker() as broker:
        kafka = replace(kafka, servers=broker.servers)
        tenants, last = await some_log(database)
        with relaying(Order(database, kafka, delivered_within=2.0)) as relay:
            until(lambda: through(database) == last)
            broker.hold()
            await worked(database, tenants)
            assert relay.wait(PATIENCE) == FAILED
            assert relay.stdout is not None
            failed = msgspec.json.decode(relay.stdout.readlines()[-1], type=Word).failed
            assert failed.startswith("NotDelivered at relay.py:")
        broker.let_go()
        last = await worked(database, tenants)
        relay_all(database, kafka)
        followed(database, kafka, last)


async def test_a_relay_that_is_stopped_is_replaced_and_what_it_sends_as_it_wakes_is_dropped(
    database: str, kafka: KafkaSettings
) -> None:
    tenants, last = await some_log(database)
    order = Order(database, kafka, lead_seconds=2.0)
    with relaying(order) as zombie:
        until(lambda: through(database) == last)
        zombie.send_signal(SIGSTOP)
        last = await worked(database, tenants)
        with relaying(order):
            until(lambda: through(database) == last)
            zombie.send_signal(SIGCONT)
            assert zombie.wait(PATIENCE) == FAILED
    followed(database, kafka, last)


@contextmanager
def relaying(order: Order) -> Iterator["Popen[bytes]"]:
    """A relay in a process of its own, which relays by now."""
    with Popen(PROGRAM, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as relay:
        assert relay.stdin is not None
        assert relay.stdout is not None
        try:
            relay.stdin.write(msgspec.json.encode(order) + b"\n")
            relay.stdin.flush()
            assert relay.stdout.readline()
            yield relay
        finally:
            relay.kill()  # one that is stopped would be waited for without end


async def test_poison_in_the_middle_of_a_batch_parks_its_stream_and_nothing_else(
    database: str, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenants, last = await some_log(database)
    relay_all(database, kafka)
    trail = next(one for one in PROJECTIONS if Commented in one.handlers)
    fold, poisonous = trail.handlers[Commented], [tenants[0]]

    def fails(rows: object, event: object, at: object) -> None:
        if at.tenant in poisonous:  # type: ignore[attr-defined]  # a Meta
            raise ValueError
        fold(rows, event, at)  # type: ignore[arg-type]  # as above

    monkeypatch.setitem(trail.handlers, Commented, fails)
    with Live(database, PROJECTIONS, delivery=FromTopic(kafka)) as live:
        follow_all(live, last)
        assert {name for name, _ in live.news} == {trail.name}
        assert {poison.tenant for _, poison in live.news} == {tenants[0]}
        poisonous.clear()
        assert live.retry() == len(live.news)
    check(database, last)
