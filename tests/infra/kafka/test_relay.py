"""Everything that is in the log comes into the topic, in order, by one relay after the other."""

from dataclasses import replace

import psycopg
import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from infra.kafka.cursor import Overtaken, TopicChanged
from infra.kafka.envelope import received
from infra.kafka.partitions import partition_of
from infra.kafka.relay import Relay
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import TopicUnfit, find_or_make
from infra.read_store.live import connect
from infra.read_store.standing import standing_now
from services.database import prepare
from tests.infra.kafka.logs import founded, some_tenants, worked
from tests.infra.kafka.records import records

LOG = "SELECT position, tenant_id::text, tenant_seq, recorded_at, body, type FROM events ORDER BY position"

ENDS = """
    SELECT e.position, c.last_position FROM events e JOIN commands c
    ON c.tenant_id = e.tenant_id AND c.command_id = (convert_from(e.body, 'UTF8')::json ->> 'command')::uuid
"""


def relayed(dsn: str, settings: KafkaSettings, **options: int) -> int:
    """Relay all there is; the cursor's position."""
    with Relay(dsn, settings, batch=options.get("batch", 1_000)) as relay:
        while relay.step():
            pass
        return relay.cursor.position


async def test_each_event_is_in_its_tenants_partition_once_in_the_logs_order(
    database: str, kafka: KafkaSettings
) -> None:
    tenants = some_tenants(5)
    await founded(database, tenants)
    last = await worked(database, tenants)
    assert relayed(database, kafka, batch=7) == last
    found = []
    for partition, some in records(kafka).items():
        events = [received(record.key, record.headers, record.value) for record in some]
        found += events
        assert {partition_of(event.tenant, 3) for event in events} <= {partition}
        positions = [event.position for event in events]
        assert positions == sorted(set(positions))
        assert [event.previous for event in events] == [0, *positions][: len(events)]
    with psycopg.connect(database) as connection:
        log = connection.execute(LOG).fetchall()
        ends: dict[int, int] = dict(connection.execute(ENDS).fetchall())
    assert [tuple(event)[:6] for event in sorted(found)] == log
    assert {event.position: event.end for event in found} == ends


async def test_the_next_relay_goes_on_where_the_last_one_was(database: str, kafka: KafkaSettings) -> None:
    tenants = some_tenants(2)
    await founded(database, tenants)
    relayed(database, kafka)
    last = await worked(database, tenants, runs=1)
    with connect(database) as connection:
        [waiting] = standing_now(connection).topics
        assert (waiting.lag, waiting.standstill_seconds > 0) == (last - waiting.position, True)
        assert relayed(database, kafka) == last
        [done] = standing_now(connection).topics
    assert (done.topic, done.position, done.lag, done.standstill_seconds) == (kafka.topic, last, 0, 0.0)
    assert sum(map(len, records(kafka).values())) == last


async def test_a_relay_that_was_overtaken_stops(database: str, kafka: KafkaSettings) -> None:
    tenants = some_tenants(1)
    await founded(database, tenants)
    with Relay(database, kafka, batch=2) as relay:
        assert relay.step()
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("UPDATE relays SET position = position + 1")
        with pytest.raises(Overtaken, match="another relay was here"):
            relay.step()


async def test_only_one_relays_at_a_time(database: str, kafka: KafkaSettings) -> None:
    with Relay(database, kafka), psycopg.connect(database) as other:
        row = other.execute(
            "SELECT pg_try_advisory_lock(hashtext('ashiato.relay'), hashtext(%s))", (kafka.topic,)
        ).fetchone()
        assert row == (False,)


async def test_an_event_too_large_for_a_record_is_noted_and_its_place_is_kept(
    database: str, kafka: KafkaSettings
) -> None:
    kafka = replace(kafka, largest=10_000)
    tenants = some_tenants(1)
    await founded(database, tenants)
    await worked(database, tenants, runs=1, text="長" * 4_000)
    last = await worked(database, tenants, runs=1)
    assert relayed(database, kafka) == last
    [events] = [some for some in records(kafka).values() if some]
    bodiless = [record for record in events if record.value is None]
    large = {received(one.key, one.headers, one.value).position for one in bodiless}
    assert [dict(one.headers)["ce_dataref"] for one in bodiless] == [b"urn:ashiato:log:%d" % one for one in large]
    assert len(events) == last
    with psycopg.connect(database) as connection:
        letters = connection.execute("SELECT position, size > largest FROM relay_dead_letters").fetchall()
    assert letters == [(position, True) for position in large] != []


async def test_a_topic_that_was_made_anew_is_refused(database: str, kafka: KafkaSettings) -> None:
    await founded(database, some_tenants(1))
    relayed(database, kafka)
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.delete_topics([kafka.topic])
    with pytest.raises(TopicChanged, match="made anew"):
        relayed(database, kafka)
    with Relay(database, kafka, again=True) as relay:
        last = relay.step()
    assert sum(map(len, records(kafka).values())) == last > 0


async def test_a_relay_notices_that_its_topic_was_made_anew_meanwhile(
    database: str, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.kafka.relay.LOOK_AT_TOPIC_EVERY", 0.0)
    await founded(database, some_tenants(1))
    with Relay(database, kafka) as relay, KafkaAdminClient(**kafka.client("test")) as admin:
        assert relay.step()
        admin.delete_topics([kafka.topic])
        with pytest.raises(TopicChanged, match="it is gone"):
            relay.step()
        find_or_make(kafka)
        with pytest.raises(TopicChanged, match="made anew"):
            relay.step()


async def test_a_topic_with_more_partitions_than_before_is_refused(database: str, kafka: KafkaSettings) -> None:
    relayed(database, kafka)
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.create_partitions({kafka.topic: 5})
    with pytest.raises(TopicChanged, match="to have 3 partitions, but it has 5"):
        relayed(database, kafka)


async def test_a_topic_that_others_have_written_to_is_refused(
    database: str, empty_database: str, kafka: KafkaSettings
) -> None:
    await founded(database, some_tenants(1))
    relayed(database, kafka)
    prepare(empty_database)
    with pytest.raises(TopicChanged, match="empty"):
        relayed(empty_database, kafka)


async def test_a_topic_that_forgets_by_key_is_refused(database: str, kafka: KafkaSettings) -> None:
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.create_topics([NewTopic(kafka.topic, 3, 1, topic_configs={"cleanup.policy": "compact"})])
    with pytest.raises(TopicUnfit, match="delete"):
        relayed(database, kafka)
