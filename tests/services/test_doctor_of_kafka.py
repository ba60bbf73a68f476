"""The doctor looks at Kafka too, where there is one."""

from dataclasses import replace

from kafka import KafkaAdminClient

from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from services.doctor_of_kafka import examine_kafka
from tests.infra.kafka.by_hand import ByHand, relay_all
from tests.infra.kafka.following import follow_all
from tests.infra.kafka.logs import founded, some_log, some_tenants, worked


async def test_all_is_well_when_it_is(database: str, kafka: KafkaSettings) -> None:
    await some_log(database)
    relay_all(database, kafka)
    findings = examine_kafka(database, kafka)
    assert all(finding.well for finding in findings)
    assert "0 events behind" in findings[0].text


async def test_what_was_noticed_is_told(database: str, kafka: KafkaSettings) -> None:
    kafka = replace(kafka, largest=10_000)
    tenants = some_tenants(1)
    await founded(database, tenants)
    last = await worked(database, tenants, runs=1, text="長" * 4_000)
    relay_all(database, kafka)
    topic = ByHand(database, kafka)
    for partition, some in topic.real.items():
        topic.write_else(partition, None, b"{}")
        topic.write(partition, some)
    topic.finish()
    with Live(database, PROJECTIONS, delivery=FromTopic(topic.settings)) as live:
        follow_all(live, last)
    assert [finding.well for finding in examine_kafka(database, kafka)] == [True, False, True]
    assert [finding.well for finding in examine_kafka(database, topic.settings)] == [True, True, False]


async def test_a_topic_that_was_made_anew_is_told(database: str, kafka: KafkaSettings) -> None:
    await founded(database, some_tenants(1))
    relay_all(database, kafka)
    with KafkaAdminClient(**kafka.client("test")) as admin:
        admin.delete_topics([kafka.topic])
    assert [finding.well for finding in examine_kafka(database, kafka)] == [False]
