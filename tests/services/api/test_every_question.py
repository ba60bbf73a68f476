"""What holds of every question: its past, its pages, and HEAD."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.api.routes import ENDPOINTS
from tests.services.api.samples import REASON, SLUGS, ids_of, path
from tests.services.api.world import Company, World, definition


async def test_a_head_request_has_the_headers_alone(acme: Company) -> None:
    got, head = await acme.client.get("/v1/me"), await acme.client.head("/v1/me")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("query", ["", "?as_of=2026-01-01T00:00:00Z"])
async def test_before_a_company_signed_up_there_is_nothing(acme: Company, query: str) -> None:
    found = await acme.ok("GET", f"/v1/members{query}{'&' if query else '?'}wait_for=4")
    assert len(found["items"]) == (0 if query else 1)


async def test_every_question_has_a_past(acme: Company, api: World) -> None:
    ids = {**await ids_of(acme), "member": acme.owner}
    ids["seq"] = str((await acme.ok("PUT", "/v1/departments/hr", {"title": "A"}))["seq"])
    await acme.client.get(f"/v1/runs?wait_for={api.events(acme)}")
    past = await _answers(acme, ids, int(ids["seq"]))
    await _go_on(acme, ids)
    await acme.client.get(f"/v1/runs?wait_for={api.events(acme)}")
    assert await _answers(acme, ids, int(ids["seq"])) == past
    now = await _answers(acme, ids, api.events(acme))
    assert {name for name in past if now[name] == past[name]} == STAYS


TELLS_MORE_LATER = {"list_checkpoints": "what there was then is signed later, too"}
STAYS = {
    *("get_export", "get_handover", "handover_proof", "handover_steps", "list_handovers"),
    *("list_erasures", "list_past_retention", "read_documents", "run_audience"),
}
"""Questions that what happens here changes nothing about: their pasts are told apart elsewhere."""


async def _go_on(acme: Company, ids: Mapping[str, str]) -> None:
    """Something happens that nearly each question tells of."""
    run, procedure = f"/v1/runs/{ids['run']}", f"/v1/procedures/{ids['procedure']}"
    await acme.ok("PUT", f"{run}/steps/first/completion", {})
    await acme.ok("POST", f"{run}/steps/second/send-back", {"to": "first", **REASON})
    for step in ("first", "second"):
        await acme.ok("PUT", f"{run}/steps/{step}/completion", {})
    await acme.ok("PUT", f"{run}/steps/approve/approval", {})
    await acme.ok("POST", f"{run}/comments", {"text": "確認しました"})
    await acme.ok("PUT", f"{procedure}/draft", {"definition": definition(acme.owner)})
    await acme.ok("PUT", "/v1/plan", {"plan": "pro"})
    await acme.ok("PUT", "/v1/retention", {"years": 7, **REASON})
    await acme.ok("POST", "/v1/holds", {"member": acme.owner, **REASON})
    await acme.ok("POST", "/v1/exports")
    await acme.ok("PUT", "/v1/departments/hr", {"title": "B"})
    await acme.ok("PUT", "/v1/roles/doer", {"members": [acme.owner]})
    await acme.ok("POST", "/v1/api-keys", {"label": "second"})
    await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "a@acme.example"})
    await acme.adopted()


async def _answers(acme: Company, ids: Mapping[str, str], seq: int) -> dict[str, Any]:
    """What each question answers as of a sequence, asked about everything where that can be, and about these ids."""
    found = {}
    for endpoint in ENDPOINTS:
        if "as_of" not in endpoint.queries or endpoint.name in TELLS_MORE_LATER:
            continue
        asked = {endpoint.path.format_map({**SLUGS, **ids}), path(endpoint, ids)}
        answers = [await acme.client.get(f"{one}{'&' if '?' in one else '?'}as_of={seq}") for one in sorted(asked)]
        told = [answer.json() for answer in answers if answer.status_code == 200]
        assert told, [(one.url, one.text) for one in answers]
        found[endpoint.name] = told
    return found


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
