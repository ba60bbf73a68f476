"""Relays and lone projectors say how they fare, over a port of their own."""

import http.client
import json
import os
import signal
from dataclasses import replace

import pytest

from infra.kafka.relaying import Order
from infra.kafka.settings import KafkaSettings
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from services.kafka_projector import KafkaProjector
from services.listening import CannotListen
from services.projector import Projector
from services.relay import KeptRelay
from services.watching import Watched, watched
from tests.infra.kafka.logs import founded, some_tenants, worked
from tests.services.test_relaying import through, until

HERE = Settings(watch_port=0)


def ask(port: int | None, path: str, token: str = "") -> tuple[int, str]:
    assert port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def figure(port: int | None, name: str) -> float:
    lines = ask(port, "/metrics")[1].splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


async def test_a_relay_tells_what_it_relayed_how_often_it_failed_and_whether_it_is_ready(
    database: str, kafka: KafkaSettings
) -> None:
    tenants = some_tenants(2)
    await founded(database, tenants)
    kept = KeptRelay(Order(database, kafka))
    with watched(HERE, kept) as port:
        assert ask(port, "/readyz") == (200, '{"status": "standing_by"}')
        kept.start()
        try:
            kept.wait_until_ready()
            last = await worked(database, tenants, runs=1)
            until(lambda: through(database) == last)
            until(lambda: figure(port, "ashiato_relay_events_total") == last)
            assert ask(port, "/readyz") == (200, '{"status": "relaying"}')
            assert kept._process is not None
            os.kill(kept._process.pid, signal.SIGKILL)
            until(lambda: figure(port, "ashiato_relay_failures_total") == 1)
        finally:
            kept.stop()


async def test_a_projector_from_kafka_tells_its_part_of_the_partitions(database: str, kafka: KafkaSettings) -> None:
    projector = KafkaProjector(database, replace(kafka, topic=f"{kafka.topic}.none"), PROJECTIONS)
    projector.start()
    with watched(HERE, projector) as port:
        until(lambda: ask(port, "/readyz") == (503, '{"status": "refused"}'))
        assert figure(port, "ashiato_projector_partitions") == 0
    projector.stop()


def test_figures_are_for_the_operator_and_health_for_everyone(database: str) -> None:
    projector: Watched = Projector(database, PROJECTIONS)
    token = "a-token-of-twenty-characters"
    with watched(replace(HERE, operator_token=token), projector) as port:
        assert ask(port, "/metrics") == (403, "")
        assert "ashiato_projector_failures_total 0.0" in ask(port, "/metrics", token)[1]
        assert json.loads(ask(port, "/healthz")[1]) == {"status": "ok"}
        assert ask(port, "/elsewhere")[0] == 404
        with pytest.raises(CannotListen, match="choose another ASHIATO_WATCH_PORT"):
            watched(replace(HERE, watch_port=port), projector).__enter__()


def test_nobody_listens_unless_asked_to(database: str) -> None:
    with watched(Settings(), Projector(database, PROJECTIONS)) as port:
        assert port is None
