"""Over HTTP: a handover is looked at before, carried out, proven, and undone; load moves; someone is away."""

from typing import Any

import pytest

from infra.ids import uuid7
from tests.services.api.world import Company, World

WHY = {"reason": "異動"}


async def hired(api: World, acme: Company, name: str, permission: str = "member") -> tuple[str, Company]:
    """An active member, and the company as they see it."""
    person = {"name": name, "email": f"{name}@acme.example", "permission": permission}
    invited = await acme.ok("POST", "/v1/members", person)
    path = f"/v1/members/{invited['member']}/acceptance"
    joined = (await acme.client.post(path, json={"token": invited["secret"]})).json()
    return invited["member"], Company(api.as_(joined["secret"]), acme.tenant, invited["member"], joined["secret"])


async def duties(api: World, acme: Company, member: str, **query: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in {"wait_for": api.events(acme), **query}.items())
    return await acme.ok("GET", f"/v1/members/{member}/duties?{asked}")


async def test_the_handover_does_what_its_preview_said(api: World, acme: Company) -> None:
    aiko, _ = await hired(api, acme, "aiko")
    procedure = await acme.procedure()
    runs = [await acme.run(procedure) for _ in range(2)]
    await acme.ok("PUT", "/v1/roles/accounting", {"members": [acme.owner]})
    before = api.events()
    body = {"rules": [{"to": [aiko]}], **WHY}
    preview = await acme.ok("POST", "/v1/handovers/preview", {"rules": body["rules"]})
    assert api.events() == before
    assert {(s["run"], s["old"], s["new"]) for s in preview["steps"]} == {(run, acme.owner, aiko) for run in runs}
    assert preview["roles"] == [{"role": "accounting", "old": [acme.owner], "new": [aiko]}]
    assert preview["receivers"] == [{"member": aiko, "steps": 2, "load": 0}]
    made = await acme.ok("POST", "/v1/handovers", body)
    assert made["events"] == 4
    moved = await acme.ok("GET", f"/v1/handovers/{made['handover']}/steps?wait_for={made['seq']}")
    assert [(s["run_id"], s["old"], s["new"]) for s in moved["items"]] == [
        (s["run"], s["old"], s["new"]) for s in preview["steps"]
    ]
    again = await acme.ok("POST", "/v1/handovers/preview", body)
    assert again == {"steps": [], "roles": [], "receivers": [], "stays": []}


async def test_the_proof_opens_to_what_is_left_until_nothing_is(api: World, acme: Company) -> None:
    aiko, _ = await hired(api, acme, "aiko")
    procedure = await acme.procedure()
    await acme.run(procedure)
    left = await duties(api, acme, acme.owner)
    assert (left["clear"], left["open_steps"]) == (False, 1)
    assert [named["procedure_id"] for named in left["procedures"]] == [procedure]
    made = await acme.ok("POST", "/v1/handovers", {"rules": [{"to": [aiko]}], **WHY})
    proof = await acme.ok("GET", f"/v1/handovers/{made['handover']}/proof?wait_for={made['seq']}")
    assert (proof["clear"], proof["moved"], proof["seq"]) == (True, 1, made["seq"])
    assert (left["passed_on"], proof["duties"]["passed_on"]) == (False, True)
    await acme.run(procedure)
    assert (await duties(api, acme, acme.owner))["clear"]
    assert (await duties(api, acme, aiko))["open_steps"] == 2
    then = await acme.ok("GET", f"/v1/handovers/{made['handover']}/proof?as_of={made['seq']}")
    assert then["clear"]
    assert not (await duties(api, acme, acme.owner, as_of=made["seq"] - 1))["clear"]


async def test_undoing_is_told_and_happens_once(api: World, acme: Company) -> None:
    aiko, _ = await hired(api, acme, "aiko")
    await acme.run()
    made = await acme.ok("POST", "/v1/handovers", {"rules": [{"to": [aiko]}], **WHY})
    undone = await acme.ok("PUT", f"/v1/handovers/{made['handover']}/undoing", WHY)
    assert undone["events"] == 2
    assert (await acme.ok("PUT", f"/v1/handovers/{made['handover']}/undoing", WHY))["events"] == 0
    told = await acme.ok("GET", f"/v1/handovers/{made['handover']}?wait_for={undone['seq']}")
    assert told["undone_seq"] == undone["seq"]
    assert (await duties(api, acme, acme.owner))["open_steps"] == 1


async def test_a_member_with_duties_leaves_with_a_handover_only(api: World, acme: Company) -> None:
    aiko, as_aiko = await hired(api, acme, "aiko", "manager")
    chie, _ = await hired(api, acme, "chie")
    await as_aiko.run(await as_aiko.procedure())
    refused = await acme.client.request("DELETE", f"/v1/members/{aiko}", json=WHY)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/duties_open")
    assert (refused.json()["steps"], len(refused.json()["procedures"])) == (1, 1)
    await acme.ok("DELETE", f"/v1/members/{aiko}", {"rules": [{"to": [chie]}], **WHY})
    assert (await duties(api, acme, aiko))["clear"]
    assert (await duties(api, acme, chie))["open_steps"] == 1


async def test_load_is_seen_and_moved_at_once(api: World, acme: Company) -> None:
    aiko, _ = await hired(api, acme, "aiko")
    procedure = await acme.procedure()
    runs = [await acme.run(procedure) for _ in range(3)]
    moves = {"moves": [{"run": run, "step": "first", "to": aiko} for run in runs[:2]], **WHY}
    assert len((await acme.ok("POST", "/v1/load/moves/preview", moves))["steps"]) == 2
    moved = await acme.ok("POST", "/v1/load/moves", moves)
    load = (await acme.ok("GET", f"/v1/load?wait_for={moved['seq']}"))["items"]
    assert [(row["member"], row["open"], row["overdue"]) for row in load] == [(aiko, 2, 2), (acme.owner, 1, 1)]
    first = await acme.ok("GET", "/v1/load?limit=1")
    second = await acme.ok("GET", f"/v1/load?limit=1&cursor={first['next']}")
    assert (first["items"] + second["items"], second["next"]) == (load, None)


async def test_who_is_away_has_delegates_who_act_for_them(api: World, acme: Company) -> None:
    aiko, as_aiko = await hired(api, acme, "aiko")
    run = await acme.run()
    path = f"/v1/runs/{run}/steps/first/completion"
    assert (await as_aiko.client.put(path, json={})).status_code == 403
    away = {"from": "2020-01-01", "until": "2020-01-02", "delegates": [aiko]}
    assert (await acme.client.put(f"/v1/members/{acme.owner}/absence", json=away)).status_code == 422
    today = (await acme.ok("GET", f"/v1/runs/{run}?wait_for={api.events(acme)}"))["run"]["started_on"]
    await acme.ok("PUT", f"/v1/members/{acme.owner}/absence", {**away, "from": today, "until": today})
    assert (await as_aiko.ok("GET", f"/v1/tasks?assignee={acme.owner}"))["items"][0]["run_id"] == run
    done = await as_aiko.ok("PUT", path, {})
    types = "run.step_completed,run.step_ready"
    trail = await acme.ok("GET", f"/v1/trail?stream={run}&type={types}&wait_for={done['seq']}")
    *_, completed, ready = trail["items"]
    assert (completed["actor"], completed["on_behalf_of"]) == (aiko, acme.owner)
    assert (ready["member_id"], ready["new"]["rule"]) == (aiko, "absence")


async def test_what_is_open_goes_to_the_delegates_when_asked(api: World, acme: Company) -> None:
    aiko, _ = await hired(api, acme, "aiko")
    run = await acme.run()
    today = (await acme.ok("GET", f"/v1/runs/{run}?wait_for={api.events(acme)}"))["run"]["started_on"]
    away = {"from": today, "until": "2199-01-01", "delegates": [aiko], "open_steps": True}
    assert (await acme.client.put(f"/v1/members/{acme.owner}/absence", json=away)).status_code == 422
    done = await acme.ok("PUT", f"/v1/members/{acme.owner}/absence", {**away, "until": today})
    assert done["events"] == 2
    assert (await duties(api, acme, aiko))["open_steps"] == 1


@pytest.mark.parametrize("path", ["duties", "proof"])
async def test_what_others_have_to_do_is_for_managers(api: World, acme: Company, path: str) -> None:
    _, as_aiko = await hired(api, acme, "aiko")
    chie, _ = await hired(api, acme, "chie")
    made = await acme.ok("POST", "/v1/handovers", {"rules": [{"to": [chie]}], **WHY})
    asked = f"/v1/members/{acme.owner}/duties" if path == "duties" else f"/v1/handovers/{made['handover']}/proof"
    assert (await as_aiko.client.get(f"{asked}?wait_for={made['seq']}")).status_code in (403, 404)
    assert (await acme.client.get(asked)).status_code == 200
    assert (await acme.client.get(f"/v1/handovers/{uuid7()}/proof")).status_code == 404
