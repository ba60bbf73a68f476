"""What operators see: health, readiness, figures, problems of the program itself; and waiting for read models."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from commands.ports import LogUnavailable
from infra.ids import uuid7
from infra.read_store.asking import reading_pool
from infra.read_store.deadlines import Late, late
from infra.read_store.standing import Led, ParkedStream, Relayed, Standing
from infra.roles import ROLES
from services.api.deps import Settings
from services.api.problems import answer_to
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


async def test_figures_tell_requests_batches_and_lag(acme: Company, api: World) -> None:
    await acme.ok("GET", "/v1/me")
    figures = (await api.client.get("/metrics")).text
    for line in (
        'ashiato_requests_total{route="me",status="200"} 1.0',
        'ashiato_request_seconds_count{route="me"} 1.0',
        "ashiato_writer_batches_total 1.0",
        "ashiato_writer_commands_total 1.0",
        f"ashiato_log_position {float(api.events())}",
        f'ashiato_projection_lag{{projection="trail"}} {float(api.events())}',
    ):
        assert line in figures


async def test_buckets_of_times_add_up(acme: Company, api: World) -> None:
    for _ in range(3):
        await acme.ok("GET", "/v1/me")
    lines = (await api.client.get("/metrics")).text.splitlines()
    buckets = [line for line in lines if line.startswith("ashiato_request_seconds_bucket{") and 'route="me"' in line]
    counts = [float(line.split()[-1]) for line in buckets]
    assert counts == sorted(counts)
    assert counts[-1] == 3


async def test_an_answer_can_wait_for_a_command(acme: Company) -> None:
    done = await acme.ok("PUT", "/v1/departments/hr", {"title": "人事部"})
    found = await acme.ok("GET", f"/v1/departments?wait_for={done['seq']}")
    assert found["items"] == [{"department": "hr", "title": "人事部"}]


async def test_an_answer_does_not_wait_for_ever(acme: Company) -> None:
    answer = await acme.client.get("/v1/departments?wait_for=1000000")
    assert (answer.status_code, answer.json()["type"]) == (504, "/problems/not_yet_projected")


async def test_what_nobody_foresaw_is_answered_with_an_incident_and_logged_without_values(database: str) -> None:
    def clock() -> datetime:
        raise ArithmeticError("secret of 佐藤")

    async with world(database, clock=clock) as api:
        with capture_logs() as logged:
            body = {"company": "x", "owner": {"name": "佐藤", "email": "a@b.example"}}
            answer = await api.client.post("/v1/tenants", json=body)
    assert answer.status_code == 500
    assert [entry["incident"] for entry in logged] == [answer.json()["incident"]]
    assert "佐藤" not in f"{answer.text}{logged}"


def test_a_log_that_cannot_be_reached_asks_to_try_again() -> None:
    answer = answer_to(LogUnavailable("gone"), "me")
    assert (answer.status, dict(answer.headers)[b"retry-after"]) == (503, b"1")


async def test_sign_up_can_be_closed(database: str) -> None:
    async with world(database, settings=Settings(open_sign_up=False)) as api:
        body = {"company": "x", "owner": {"name": "a", "email": "a@b.example"}}
        answer = await api.client.post("/v1/tenants", json=body)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/sign_up_closed")


async def test_a_head_request_has_the_headers_alone(acme: Company) -> None:
    got, head = await acme.client.get("/v1/me"), await acme.client.head("/v1/me")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("query", ["", "?as_of=2026-01-01T00:00:00Z"])
async def test_before_a_company_signed_up_there_is_nothing(acme: Company, query: str) -> None:
    found = await acme.ok("GET", f"/v1/members{query}{'&' if query else '?'}wait_for=4")
    assert len(found["items"]) == (0 if query else 1)


async def test_every_question_has_a_past(acme: Company, api: World) -> None:
    run = await acme.run()
    seq = (await acme.ok("PUT", "/v1/departments/hr", {"title": "A"}))["seq"]
    past = {path: await _then(acme, path, seq, api.events()) for path in PASTS(run)}
    await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {})
    await acme.ok("PUT", "/v1/departments/hr", {"title": "B"})
    await acme.ok("PUT", "/v1/roles/doer", {"members": [acme.owner]})
    await acme.ok("POST", "/v1/api-keys", {"label": "second"})
    await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "a@acme.example"})
    await acme.adopted()
    assert {path: await _then(acme, path, seq, api.events()) for path in past} == past


def PASTS(run: str) -> tuple[str, ...]:  # noqa: N802 – reads as the constant it nearly is
    return (
        "/v1/runs",
        f"/v1/runs/{run}",
        "/v1/tasks",
        "/v1/progress/procedures",
        "/v1/progress/departments",
        "/v1/dashboards/flow",
        "/v1/dashboards/waiting",
        "/v1/dashboards/waited",
        "/v1/dashboards/trend",
        "/v1/dashboards/waiting/steps",
        "/v1/dashboards/runs",
        "/v1/trail",
        "/v1/departments",
        "/v1/roles",
        "/v1/api-keys",
        "/v1/members",
        "/v1/procedures",
    )


async def _then(acme: Company, path: str, seq: int, position: int) -> Any:
    return await acme.ok("GET", f"{path}?as_of={seq}&wait_for={position}")


async def test_a_list_is_read_page_by_page(acme: Company) -> None:
    procedure = await acme.procedure()
    runs = {await acme.run(procedure) for _ in range(5)}
    last = await acme.ok("PUT", "/v1/departments/hr", {"title": "A"})
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await acme.ok("GET", f"/v1/runs?limit=2&wait_for={last['seq']}{cursor}")
        found += [run["run_id"] for run in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert (sorted(found), len(found)) == (sorted(runs), 5)


@pytest.mark.parametrize("path", ["/v1/trail", "/v1/members", "/v1/procedures", "/v1/tasks"])
async def test_every_list_goes_on_where_it_stopped(acme: Company, api: World, path: str) -> None:
    await acme.run(await acme.procedure())
    await acme.run(await acme.procedure())
    await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "a@acme.example"})
    whole = (await acme.ok("GET", f"{path}?wait_for={api.events()}"))["items"]
    first = await acme.ok("GET", f"{path}?limit=1")
    rest = await acme.ok("GET", f"{path}?cursor={first['next']}")
    assert len(whole) > 1
    assert [*first["items"], *rest["items"]] == whole


async def test_a_confidential_run_is_seen_by_those_who_have_a_part_in_it(acme: Company, api: World) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "a@acme.example"})
    joined = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    run = await acme.run(await acme.procedure(confidential=True))
    client = api.as_(joined["secret"])
    await client.get(f"/v1/departments?wait_for={api.events()}")
    assert (await client.get(f"/v1/runs/{run}")).status_code == 404
    await acme.ok("PUT", f"/v1/runs/{run}/steps/first/assignee", {"member": joined["member"], "reason": "引継ぎ"})
    assert (await client.get(f"/v1/runs/{run}?wait_for={api.events()}")).status_code == 200
