"""What holds of every question: its past, its pages, and HEAD."""

from typing import Any

import pytest

from tests.services.api.world import Company, World


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
