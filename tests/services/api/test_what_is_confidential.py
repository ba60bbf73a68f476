"""Over HTTP a confidential run or procedure is nowhere for whom it is none of: not in lists, counts or commands."""

import httpx2
import pytest

from infra.ids import uuid7
from tests.services.api.world import Company, World


async def joined(api: World, acme: Company, permission: str) -> httpx2.AsyncClient:
    person = {"name": "Aiko", "email": f"{permission}@acme.example", "permission": permission}
    invited = await acme.ok("POST", "/v1/members", person)
    answer = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    return api.as_(answer["secret"])


@pytest.mark.parametrize("permission", ["member", "partner"])
async def test_it_is_left_out_of_lists_and_counts(api: World, acme: Company, permission: str) -> None:
    client = await joined(api, acme, permission)
    procedure = await acme.procedure(confidential=True)
    run = await acme.run(procedure)
    wait = f"?wait_for={api.events()}"
    for path in ("procedures", "progress/procedures", "progress/departments", "runs"):
        assert (await client.get(f"/v1/{path}{wait}")).json()["items"] == [], path
        assert len((await acme.client.get(f"/v1/{path}")).json()["items"]) == 1, path
    for path in ("dashboards/flow", "dashboards/waiting", "dashboards/waiting/steps", "dashboards/subjects"):
        assert (await client.get(f"/v1/{path}")).json()["items"] == [], path
        assert len((await acme.client.get(f"/v1/{path}")).json()["items"]) == 1, path
    for path in (f"procedures/{procedure}", f"runs/{run}"):
        assert (await client.get(f"/v1/{path}")).status_code == 404


@pytest.mark.parametrize("permission", ["member", "partner"])
async def test_commands_on_it_are_answered_as_on_an_unknown_id(
    api: World, acme: Company, permission: str
) -> None:
    client = await joined(api, acme, permission)
    procedure = await acme.procedure(confidential=True)
    run = await acme.run(procedure)
    before = api.events()
    tries: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("POST", "comments", {"text": "見えますか"}),
        ("PUT", "steps/second/completion", {}),
        ("PUT", "steps/second/skip", {"reason": "x"}),
        ("PUT", "cancellation", {"reason": "x"}),
    )
    for method, path, body in tries:
        for headers in ({}, {"if-match": '"99"'}):
            hidden, unknown = [
                await client.request(method, f"/v1/runs/{one}/{path}", json=body, headers=headers)
                for one in (run, uuid7())
            ]
            assert (hidden.status_code, hidden.text) == (404, unknown.text)
    start = {"subject": "x", "anchors": {"day": "2026-04-01"}}
    hidden, unknown = [
        await client.post("/v1/runs", json={**start, "procedure": one}) for one in (procedure, uuid7())
    ]
    assert (hidden.status_code, hidden.text) == (404, unknown.text)
    assert api.events() == before


async def test_a_confidential_draft_of_an_open_procedure_is_for_those_who_may_manage(
    api: World, acme: Company
) -> None:
    client = await joined(api, acme, "member")
    procedure = await acme.procedure()
    definition = (await acme.ok("GET", f"/v1/procedures/{procedure}"))["published"]
    secret = {"definition": definition | {"title": "秘密の改訂", "confidential": True}}
    await acme.ok("PUT", f"/v1/procedures/{procedure}/draft", secret)
    found = (await client.get(f"/v1/procedures/{procedure}")).json()
    assert (found["published"]["title"], found["draft"]) == ("入社", None)
    assert (await acme.ok("GET", f"/v1/procedures/{procedure}"))["draft"]["title"] == "秘密の改訂"
