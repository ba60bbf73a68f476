"""What operators see: figures, problems of the program itself; and waiting for read models."""

from datetime import datetime

from structlog.testing import capture_logs

from commands.ports import LogUnavailable
from services.api.deps import Settings
from services.api.problems import answer_to
from tests.services.api.world import Company, World, world


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
