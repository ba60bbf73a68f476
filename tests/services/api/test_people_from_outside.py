"""To a partner there are no runs but those where they have a step; everything else is as if it did not exist."""

from typing import Any

import httpx2
import pytest
import pytest_asyncio

from infra.ids import uuid7
from tests.services.api.people import Person, join
from tests.services.api.world import Company, World, definition

REASON = {"reason": "担当の変更"}
LISTS = ("runs", "procedures", "progress/procedures", "progress/departments", "departments", "tasks", "roles")


@pytest_asyncio.fixture
async def goro(api: World, acme: Company) -> Person:
    return await join(api, acme, "partner", "Goro")


async def two_runs(acme: Company, goro: Person, **changes: Any) -> tuple[str, str, str, str]:
    """A run where the partner is to do a step, and one of another procedure where they have nothing to do."""
    for department in ("hr", "it"):
        await acme.ok("PUT", f"/v1/departments/{department}", {"title": department.upper()})
    theirs, others = await acme.procedure(**changes), await acme.procedure(department="it", title="秘密")
    seen, hidden = await acme.run(theirs), await acme.run(others)
    await acme.ok("PUT", f"/v1/runs/{seen}/steps/first/assignee", {"member": goro.id, **REASON})
    return theirs, seen, others, hidden


async def items(client: httpx2.AsyncClient, path: str, api: World) -> list[dict[str, Any]]:
    mark = "&" if "?" in path else "?"
    answer = await client.get(f"/v1/{path}{mark}wait_for={api.events()}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.parametrize("confidential", [False, True])
async def test_lists_and_counts_hold_only_the_runs_where_they_have_a_step(
    api: World, acme: Company, goro: Person, confidential: bool
) -> None:
    theirs, seen, _, _ = await two_runs(acme, goro, confidential=confidential)
    found = {path: await items(goro.client, path, api) for path in LISTS}
    assert [row["run_id"] for row in found["runs"]] == [seen]
    assert [row["procedure_id"] for row in found["procedures"]] == [theirs]
    assert [(row["procedure_id"], row["open"]) for row in found["progress/procedures"]] == [(theirs, 1)]
    assert [(row["department"], row["open"]) for row in found["progress/departments"]] == [("hr", 1)]
    assert [row["department"] for row in found["departments"]] == ["hr"]
    assert [row["run_id"] for row in found["tasks"]] == [seen]
    assert found["roles"] == []
    assert len(await items(acme.client, "runs", api)) == 2


async def test_the_past_holds_no_more_than_the_present(api: World, acme: Company, goro: Person) -> None:
    _, seen, _, hidden = await two_runs(acme, goro)
    now = api.events(acme)
    for path in ("procedures", "departments", "members", "runs", "progress/departments"):
        assert await items(goro.client, f"{path}?as_of={now}", api) == await items(goro.client, path, api), path
    assert await items(goro.client, f"runs?as_of={now - 1}", api) == []
    assert (await goro.client.get(f"/v1/runs/{seen}?as_of={now}")).status_code == 200
    assert (await goro.client.get(f"/v1/runs/{hidden}?as_of={now}")).status_code == 404


async def test_a_hidden_run_is_answered_as_an_unknown_id_by_every_route(
    api: World, acme: Company, goro: Person
) -> None:
    _, _, others, hidden = await two_runs(acme, goro)
    before = api.events()
    await items(acme.client, "runs", api)
    tries: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("GET", "/v1/runs/{run}", {}),
        ("GET", "/v1/runs/{run}/comments", {}),
        ("GET", "/v1/runs/{run}/steps/first", {}),
        ("GET", "/v1/procedures/{procedure}", {}),
        ("GET", "/v1/runs?procedure={procedure}", {}),
        ("POST", "/v1/runs/{run}/comments", {"text": "見えますか"}),
        ("PUT", "/v1/runs/{run}/steps/first/completion", {}),
        ("PUT", "/v1/runs/{run}/steps/first/taking", {}),
        ("PUT", "/v1/runs/{run}/steps/first/approval", {}),
        ("PUT", "/v1/runs/{run}/steps/first/skip", REASON),
        ("PUT", "/v1/runs/{run}/cancellation", REASON),
        ("POST", "/v1/runs", {"procedure": others, "subject": "x", "anchors": {"day": "2026-04-01"}}),
    )
    for method, path, body in tries:
        answers = []
        for run, procedure in ((hidden, others), (uuid7(), uuid7())):
            sent = {**body, "procedure": procedure} if "procedure" in body else body
            where = path.format(run=run, procedure=procedure)
            answers.append(await goro.client.request(method, where, json=sent if method != "GET" else None))
        assert (answers[0].status_code, answers[0].text) == (answers[1].status_code, answers[1].text), path
    assert api.events() == before


async def test_what_a_step_was_theirs_once_stays_seen(api: World, acme: Company, goro: Person) -> None:
    _, seen, _, _ = await two_runs(acme, goro)
    done = await goro.client.put(f"/v1/runs/{seen}/steps/first/completion", json={"values": {"note": "済"}})
    assert done.status_code == 200, done.text
    assert [row["run_id"] for row in await items(goro.client, "runs", api)] == [seen]
    comment = await goro.client.post(f"/v1/runs/{seen}/comments", json={"text": "終わりました"})
    assert comment.status_code == 200


async def test_a_step_that_is_given_away_hides_the_run_again(api: World, acme: Company, goro: Person) -> None:
    _, seen, _, _ = await two_runs(acme, goro)
    await acme.ok("PUT", f"/v1/runs/{seen}/steps/first/assignee", {"member": acme.owner, **REASON})
    assert await items(goro.client, "runs", api) == []
    assert (await goro.client.get(f"/v1/runs/{seen}")).status_code == 404


async def test_a_step_that_their_role_may_take_shows_the_run(api: World, acme: Company, goro: Person) -> None:
    await acme.ok("PUT", "/v1/roles/doer", {"members": [acme.owner, goro.id]})
    roles = [{"id": "doer", "title": "担当", "rule": "open"}]
    run = await acme.run(await acme.procedure(roles=roles))
    assert [row["run_id"] for row in await items(goro.client, "runs", api)] == [run]
    assert await items(goro.client, "roles", api) == [{"role": "doer", "members": [goro.id]}]
    taken = await goro.client.put(f"/v1/runs/{run}/steps/first/taking", json={})
    assert taken.status_code == 200


async def test_of_people_they_see_the_names_of_those_on_their_runs(api: World, acme: Company, goro: Person) -> None:
    bunta, chie = await join(api, acme, "member", "Bunta"), await join(api, acme, "member", "Chie")
    await two_runs(acme, goro)
    steps = definition(bunta.id)
    run = await acme.run(await acme.procedure(roles=steps["roles"], steps=steps["steps"]))
    await acme.ok("PUT", f"/v1/runs/{run}/steps/first/assignee", {"member": bunta.id, **REASON})
    people = {row["name"]: row for row in await items(goro.client, "members", api)}
    assert set(people) == {"Emi", "Goro"}
    assert {(row["email"], row["permission"], row["department"], row["status"]) for row in people.values()} == {
        (None, None, None, None)
    }
    assert await items(goro.client, "members?status=active", api) == []
    assert {row["name"] for row in await items(acme.client, "members", api)} == {"Emi", "Goro", "Bunta", "Chie"}
    assert chie.id not in str(people)


async def test_a_draft_is_none_of_theirs(api: World, acme: Company, goro: Person) -> None:
    theirs, _, _, _ = await two_runs(acme, goro)
    published = (await acme.ok("GET", f"/v1/procedures/{theirs}"))["published"]
    await acme.ok("PUT", f"/v1/procedures/{theirs}/draft", {"definition": published | {"title": "改訂"}})
    await items(acme.client, "runs", api)
    found = (await goro.client.get(f"/v1/procedures/{theirs}")).json()
    assert (found["published"]["title"], found["draft"]) == ("入社", None)
    assert [row["has_draft"] for row in await items(goro.client, "procedures", api)] == [False]
    assert True in [row["has_draft"] for row in await items(acme.client, "procedures", api)]


async def test_a_run_that_they_started_as_a_member_is_hidden_from_a_partner(
    api: World, acme: Company, goro: Person
) -> None:
    chie = await join(api, acme, "member", "Chie")
    procedure = await acme.procedure()
    body = {"procedure": procedure, "subject": "x", "anchors": {"day": "2026-04-01"}}
    run = (await chie.client.post("/v1/runs", json=body)).json()["run"]
    assert [row["run_id"] for row in await items(chie.client, "runs", api)] == [run]
    await acme.ok("PUT", f"/v1/members/{chie.id}/permission", {"permission": "partner", "reason": "転籍"})
    assert await items(chie.client, "runs", api) == []
    comment = await chie.client.post(f"/v1/runs/{run}/comments", json={"text": "x"})
    assert comment.json()["type"] == "/problems/not_found"
