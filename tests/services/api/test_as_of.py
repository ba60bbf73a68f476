"""As of then over HTTP: nothing is guessed, and everyone held the roles they held."""

from datetime import UTC, datetime

import pytest

from infra.ids import uuid7
from tests.services.api.world import Company, World


async def test_a_past_that_is_not_scanned_is_refused_and_not_guessed(api: World, acme: Company) -> None:
    api.deps.ask._patience = 0.05  # type: ignore[attr-defined]  # the real one has it
    run = await acme.run()
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    seq = (await acme.ok("POST", f"/v1/runs/{run}/comments", {"text": "あと少し"}))["seq"]
    for as_of in (str(seq), datetime.now(UTC).isoformat().replace("+", "%2B")):
        for path in ("trail", f"trail?stream={run}", "roles", "tasks", "seats"):
            mark = "&" if "?" in path else "?"
            answer = await acme.client.get(f"/v1/{path}{mark}as_of={as_of}")
            assert (answer.status_code, answer.json()["type"]) == (504, "/problems/not_yet_projected"), path
    answer = await acme.client.get(f"/v1/trail?stream={run}&as_of={seq}&wait_for={api.events()}")
    assert answer.json()["items"][-1]["type"] == "run.commented"


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2999-01-01T00:00:00Z", "in_the_future"),
        ("999999", "in_the_future"),
        ("yesterday", "invalid_input"),
        ("2026-02-30T00:00:00Z", "invalid_input"),
        ("-1", "invalid_input"),
    ],
)
async def test_a_past_that_is_none_is_refused_by_its_name(acme: Company, as_of: str, code: str) -> None:
    for path in ("runs", "trail", "dashboards/flow"):
        answer = await acme.client.get(f"/v1/{path}?as_of={as_of}")
        assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{code}"), path
        assert answer.json()["field"] == "as_of"


async def test_tasks_of_then_are_those_of_the_roles_of_then(api: World, acme: Company) -> None:
    roles = [{"id": "doer", "title": "担当", "rule": "open"}]
    await acme.ok("PUT", "/v1/roles/doer", {"members": [acme.owner]})
    await acme.run(await acme.procedure(roles=roles))
    then = api.events()
    left = await acme.ok("PUT", "/v1/roles/doer", {"members": []})
    now = await acme.ok("GET", f"/v1/tasks?wait_for={left['seq']}")
    assert now["items"] == []
    past = await acme.ok("GET", f"/v1/tasks?as_of={then}")
    assert [task["step_id"] for task in past["items"]] == ["first"]


async def test_at_its_first_event_the_company_has_signed_up(api: World, acme: Company) -> None:
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    first = await acme.ok("GET", "/v1/seats?as_of=1")
    assert (first["usage"]["held"], first["holders"]) == (0, [])
    assert (await acme.client.get("/v1/seats?as_of=0")).status_code == 404


async def test_refusals_stand_in_the_trail_of_their_run(api: World, acme: Company) -> None:
    roles = [{"id": "doer", "title": "担当", "rule": "open"}]
    run = await acme.run(await acme.procedure(roles=roles))
    refused = await acme.client.put(f"/v1/runs/{run}/steps/first/completion", json={})
    assert refused.status_code == 403
    found = await acme.ok("GET", f"/v1/trail?stream={run}&wait_for={api.events()}")
    last = found["items"][-1]
    assert (last["type"], last["about_id"], last["subject"]) == ("command.refused", run, "佐藤 花子")
    other = await acme.ok("GET", f"/v1/trail?stream={uuid7()}")
    assert other["items"] == []
