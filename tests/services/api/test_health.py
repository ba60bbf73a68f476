"""Whether the program is alive and ready, and what the operator is told when it is not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

import psycopg
import pytest

from infra.ids import uuid7
from infra.read_store.asking import reading_pool
from infra.read_store.deadlines import Late, late
from infra.read_store.standing import Led, ParkedStream, Relayed, Standing
from infra.roles import ROLES
from tests.people import MONDAY
from tests.services.api.world import Company, World, world


async def test_the_program_is_alive(api: World) -> None:
    assert (await api.client.get("/healthz")).json() == {"status": "ok"}


async def test_the_program_is_ready_when_read_models_keep_up(acme: Company, api: World) -> None:
    await acme.client.get(f"/v1/departments?wait_for={api.events()}")
    answer = await api.client.get("/readyz")
    assert (answer.status_code, set(answer.json()["lag"].values())) == (200, {0})


async def test_the_program_is_not_ready_when_read_models_are_far_behind(database: str) -> None:
    async def positions() -> Mapping[str, int]:
        return {"log": 1_000_000, "progress": 3}

    async with world(database, positions=positions) as api:
        answer = await api.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "behind", "lag": {"progress": 999_997}})


NOWHERE = Standing()


@dataclass(frozen=True)
class Projector:
    """How a projector fares, as a test wants it."""

    failures: int = 0
    trouble: str | None = None
    waits: float = 0.0
    events: int = 5
    where: Standing = NOWHERE

    async def standstill(self) -> Mapping[str, float]:
        return {"progress": self.waits}

    async def standing(self) -> Standing:
        return self.where


@pytest.mark.parametrize("word", ["failing", "needs_rebuild"])
async def test_the_program_is_not_ready_while_its_projector_is_in_trouble(database: str, word: str) -> None:
    async with world(database, following=Projector(7, word)) as api:
        answer, figures = await api.client.get("/readyz"), (await api.client.get("/metrics")).text
    assert (answer.status_code, answer.json()["status"]) == (503, word)
    assert "ashiato_projector_failures_total 7.0" in figures
    assert "ashiato_projector_in_trouble 1.0" in figures


async def test_the_program_is_not_ready_while_an_event_is_left_lying(database: str) -> None:
    async with world(database, following=Projector(waits=61.0)) as api:
        answer, figures = await api.client.get("/readyz"), (await api.client.get("/metrics")).text
    assert (answer.status_code, answer.json()["status"]) == (503, "stalled")
    assert 'ashiato_projection_standstill_seconds{projection="progress"} 61.0' in figures


async def test_a_stream_that_waits_is_an_alarm_and_no_reason_to_be_sent_no_requests(database: str) -> None:
    led = Led("progress", 0, "log", 4, 900, 0, 7, "here:1", MONDAY)
    waits = ParkedStream(
        "progress", uuid7(), uuid7(), 3, 8, 400, "run.step_ready", "KeyError at x.py:1 f", 1, MONDAY, asked=False
    )
    topic = Relayed("ashiato.events", 3, 890, 10, 4.5, MONDAY, 1, 2)
    async with world(database, following=Projector(where=Standing([led], [waits], [topic]))) as api:
        answer, figures = await api.client.get("/readyz"), (await api.client.get("/metrics")).text
        told = (await api.client.get("/operations/projections")).json()
    assert (answer.status_code, answer.json()["status"]) == (200, "parked")
    for line in (
        'ashiato_projection_parked_streams{projection="progress"} 1.0',
        'ashiato_projection_epoch{partition="0",projection="progress"} 7.0',
        "ashiato_projector_events_total 5.0",
        'ashiato_topic_position{topic="ashiato.events"} 890.0',
        'ashiato_topic_lag{topic="ashiato.events"} 10.0',
        'ashiato_topic_standstill_seconds{topic="ashiato.events"} 4.5',
        'ashiato_topic_too_large{topic="ashiato.events"} 1.0',
        'ashiato_topic_strangers{topic="ashiato.events"} 2.0',
    ):
        assert line in figures
    assert waits.stream not in figures
    assert told["partitions"][0]["leader"] == "here:1"
    assert told["parked"][0]["stream"] == waits.stream


@dataclass(frozen=True)
class Schedule:
    """How a scheduler fares, as a test wants it."""

    carried_out: int = 5
    failures: int = 2
    idle_seconds: float | None = 1.5

    async def late(self) -> Late:
        return Late(3, 90.0)


async def test_the_operator_is_told_what_is_due_and_late(database: str) -> None:
    async with world(database, schedule=Schedule()) as api:
        answer, figures = await api.client.get("/readyz"), (await api.client.get("/metrics")).text
    assert answer.status_code == 200
    assert answer.json()["deadlines"] == {"due": 3, "late_seconds": 90.0, "idle_seconds": 1.5}
    for line in (
        "ashiato_scheduler_carried_out_total 5.0",
        "ashiato_scheduler_failures_total 2.0",
        "ashiato_scheduler_idle_seconds 1.5",
        "ashiato_deadlines_due 3.0",
        "ashiato_deadlines_late_seconds 90.0",
    ):
        assert line in figures


async def test_deadlines_of_all_companies_are_counted(acme: Company, other: Company, api: World) -> None:
    await acme.client.get(f"/v1/departments?wait_for={api.events(acme)}")
    await other.client.get(f"/v1/departments?wait_for={api.events(other)}")
    async with reading_pool(api.dsn, 1, ROLES.projector) as connections:
        assert await late(connections) == Late(0, 0.0)
        async with connections.connection() as asked:
            await asked.execute("UPDATE deadlines.deadline SET at = now() - interval '1 hour'")
        assert (await late(connections)).due == 2
        assert (await late(connections)).seconds == pytest.approx(3600, abs=60)


async def test_a_database_that_does_not_answer_is_noticed_within_two_seconds(database: str) -> None:
    async def positions() -> Mapping[str, int]:
        await asyncio.sleep(60)
        return {}

    async with world(database, positions=positions) as api:
        began = monotonic()
        answer, figures = await asyncio.gather(api.client.get("/readyz"), api.client.get("/metrics"))
        assert monotonic() - began < 2.0
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert (figures.status_code, "ashiato_log_reachable 0.0" in figures.text) == (200, True)


async def test_the_program_is_not_ready_without_its_log(database: str) -> None:
    async def positions() -> Mapping[str, int]:
        raise psycopg.OperationalError("the connection is lost")

    async with world(database, positions=positions) as api:
        answer = await api.client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
