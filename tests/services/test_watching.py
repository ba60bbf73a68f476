"""Relays and lone projectors say how they fare, over a port of their own."""

import http.client
import json
import os
import signal
import socket
import sys
from dataclasses import replace

import msgspec
import psycopg
import pytest

from infra.kafka.relaying import Order, Word
from infra.kafka.settings import KafkaSettings
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from services.kafka_projector import KafkaProjector
from services.listening import CannotListen
from services.projector import Projector
from services.relay import KeptRelay
from services.watching import Watched, watched
from tests.infra.kafka.by_hand import relay_all
from tests.infra.kafka.logs import founded, some_log, some_tenants, worked
from tests.services.test_relaying import through, until

HERE = Settings(watch_port=0)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def ask(port: int | None, path: str, token: str = "", host: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    assert port
    connection = http.client.HTTPConnection(host, port, timeout=10)
    shown = {"authorization": f"Bearer {token}"} if token else {}
    connection.request("GET", path, headers=headers | shown)
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


async def test_a_projector_from_kafka_tells_its_part_of_the_partitions_and_that_it_fails(
    database: str, kafka: KafkaSettings
) -> None:
    tenants, _ = await some_log(database)
    relay_all(database, kafka)
    projector = KafkaProjector(database, kafka, PROJECTIONS)
    with (
        watched(HERE, projector) as port,
        projector,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        until(lambda: projector.events > 0)
        assert figure(port, "ashiato_projector_partitions") == kafka.partitions
        assert ask(port, "/readyz") == (200, '{"status": "ready"}')
        connection.execute("ALTER TABLE trail.trail_entry RENAME TO somewhere_else")
        await worked(database, tenants)
        relay_all(database, kafka)
        until(lambda: ask(port, "/readyz") == (503, '{"status": "failing"}'))
        until(lambda: figure(port, "ashiato_projector_partitions") == 0)
        connection.execute("ALTER TABLE trail.somewhere_else RENAME TO trail_entry")
        until(lambda: ask(port, "/readyz") == (200, '{"status": "ready"}'))


async def test_a_projector_whose_topic_is_not_there_is_refused(database: str, kafka: KafkaSettings) -> None:
    projector = KafkaProjector(database, replace(kafka, topic=f"{kafka.topic}.none"), PROJECTIONS)
    with watched(HERE, projector) as port, projector:
        until(lambda: ask(port, "/readyz") == (503, '{"status": "refused"}'))


def test_a_relay_that_leads_and_brings_nothing_further_again_and_again_says_so(
    database: str, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_and_dies = f"import os; os.write(1, {msgspec.json.encode(Word(7))!r} + bytes([10])); os._exit(1)"
    monkeypatch.setattr("services.relay.PROGRAM", (sys.executable, "-c", leads_and_dies))
    kept = KeptRelay(Order(database, kafka))
    kept.start()
    try:
        until(lambda: kept.status == "failing")
    finally:
        kept.stop()


def test_figures_are_for_the_operator_and_health_for_everyone(database: str) -> None:
    projector: Watched = Projector(database, PROJECTIONS)
    token = "a-token-of-twenty-characters"
    with watched(replace(HERE, operator_token=token), projector) as port:
        assert ask(port, "/metrics") == (403, "")
        assert "ashiato_projector_failures_total 0.0" in ask(port, "/metrics", token)[1]
        assert json.loads(ask(port, "/healthz")[1]) == {"status": "ok"}
        assert ask(port, "/elsewhere")[0] == 404
        assert ask(port, "/metrics", token, **{"X-Forwarded-For": "203.0.113.7"})[0] == 200
        with pytest.raises(CannotListen, match="choose another ASHIATO_WATCH_PORT"):
            watched(replace(HERE, watch_port=port), projector).__enter__()


def test_without_a_token_figures_are_for_this_machine_and_not_for_whom_a_proxy_speaks(database: str) -> None:
    with watched(HERE, Projector(database, PROJECTIONS)) as port:
        assert ask(port, "/metrics")[0] == 200
        assert ask(port, "/metrics", **{"X-Forwarded-For": "203.0.113.7"})[0] == 403


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 address of its own")
def test_it_is_watched_at_an_address_of_ipv6_too(database: str) -> None:
    with watched(replace(HERE, host="::1"), Projector(database, PROJECTIONS)) as port:
        assert ask(port, "/healthz", host="::1")[0] == 200


def test_nobody_listens_unless_asked_to(database: str) -> None:
    with watched(Settings(), Projector(database, PROJECTIONS)) as port:
        assert port is None
