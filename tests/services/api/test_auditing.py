"""The answers that auditors ask for first: access, separation of duties, late entries, corrections."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

from infra.ids import uuid7
from tests.services.api.people import join
from tests.services.api.test_searching_the_trail import worked
from tests.services.api.world import Company, World, definition


async def shown(api: World, acme: Company) -> None:
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")


async def test_a_review_tells_who_may_do_what_since_when_and_by_whom(api: World, acme: Company) -> None:
    member = await join(api, acme, "member", "=Mai")
    before = api.events(acme)
    change = {"permission": "manager", "reason": "昇格"}
    changed = await acme.ok("PUT", f"/v1/members/{member.id}/permission", change)
    await acme.ok("PUT", "/v1/roles/doer", {"members": [member.id]})
    await shown(api, acme)
    found = {one["member"]: one for one in (await acme.ok("GET", "/v1/audit/access-review"))["members"]}
    mai = found[member.id]
    assert (mai["status"], mai["permission"], mai["keys"]) == ("active", "manager", 1)
    since = mai["permission_since"]
    assert (since["seq"], since["by"], since["by_name"], since["reason"]) == (changed["seq"], acme.owner, "Emi", "昇格")
    assert mai["roles"]["doer"]["by"] == acme.owner
    past = await acme.ok("GET", f"/v1/audit/access-review?as_of={before}")
    then = next(one for one in past["members"] if one["member"] == member.id)
    assert (then["permission"], then["roles"]) == ("member", {})
    sheet = await acme.client.get("/v1/audit/access-review?format=csv")
    rows = {row["member"]: row for row in csv.DictReader(StringIO(sheet.content.decode("utf-8-sig"), newline=""))}
    assert (rows[member.id]["name"], rows[member.id]["permission_why"]) == ("'=Mai", "昇格")


async def test_own_work_that_was_approved_is_found_and_what_is_barred_cannot_be(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    await acme.ok("PUT", f"/v1/runs/{run}/steps/second/completion", {})
    await acme.ok("PUT", f"/v1/runs/{run}/steps/approve/approval", {})
    barred = definition(acme.owner)
    approval = next(step for step in barred["steps"] if step["id"] == "approve")
    approval["not_same_actor_as"] = ["first"]
    procedure = uuid7()
    await acme.ok("PUT", f"/v1/procedures/{procedure}/draft", {"definition": barred})
    await acme.ok("POST", f"/v1/procedures/{procedure}/publication")
    other = await acme.run(procedure)
    await acme.ok("PUT", f"/v1/runs/{other}/steps/first/completion", {"values": {"note": "x"}})
    await acme.ok("PUT", f"/v1/runs/{other}/steps/second/completion", {})
    refused = await acme.client.put(f"/v1/runs/{other}/steps/approve/approval", json={})
    assert refused.status_code >= 400
    await shown(api, acme)
    found = await acme.ok("GET", "/v1/audit/separation-of-duties?limit=1")
    items = found["items"]
    while found["next"]:
        found = await acme.ok("GET", f"/v1/audit/separation-of-duties?limit=1&cursor={found['next']}")
        items += found["items"]
    assert [(i["found"]["run_id"], i["found"]["step"], i["barred"]) for i in items] == [
        (run, "first", False),
        (run, "second", False),
    ]


async def test_what_was_recorded_late_is_found(api: World, acme: Company) -> None:
    run = await acme.run()
    claimed = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    done = {"values": {"note": "x"}, "occurred_at": claimed}
    late = await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", done)
    await shown(api, acme)
    found = (await acme.ok("GET", "/v1/audit/late-entries?days=2"))["items"]
    completed, ready = found
    assert (completed["type"], completed["seq"]) == ("run.step_completed", late["seq"] - 1)
    assert (ready["type"], ready["seq"]) == ("run.step_ready", late["seq"])
    assert (await acme.ok("GET", "/v1/audit/late-entries?days=4"))["items"] == []


async def test_corrections_are_listed_with_who_and_why(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    await acme.ok("POST", f"/v1/runs/{run}/steps/first/reopening", {"reason": "金額の誤り"})
    await shown(api, acme)
    found = (await acme.ok("GET", "/v1/audit/corrections?lang=ja"))["items"]
    assert [(one["type"], one["reason"], one["actor"]) for one in found] == [
        ("run.step_reopened", "金額の誤り", acme.owner)
    ]
    assert found[0]["sentence"]
