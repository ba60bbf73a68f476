"""Replaying over HTTP: a run step by step, the difference of two moments, who could see a run and who did."""

from typing import Any

import pytest

from domain.replay.changes import facts_of
from domain.replay.facts import digest
from tests.services.api.people import join
from tests.services.api.test_searching_the_trail import worked
from tests.services.api.world import Company, World


async def shown(api: World, acme: Company) -> None:
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")


async def test_a_run_is_told_step_by_step_with_old_and_new(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    member = await join(api, acme, "member")
    body = {"member": member.id, "reason": "休みのため"}
    await acme.ok("PUT", f"/v1/runs/{run}/steps/second/assignee", body)
    await shown(api, acme)
    played = await acme.ok("GET", f"/v1/runs/{run}/replay?lang=ja")
    last = played["steps"][-1]
    [assignee] = last["changes"]
    assert assignee == {"name": "steps.second.assignee", "old": acme.owner, "new": member.id}
    assert (last["entry"]["reason"], last["entry"]["actor"]) == ("休みのため", acme.owner)
    assert last["entry"]["sentence"]
    assert played["facts"]["steps.first.status"] == "done"
    events = (await api.deps.streams(acme.tenant, {run: 0}))[run]  # type: ignore[arg-type]
    assert played["state_sha256"] == digest(facts_of("run", events))
    then = played["steps"][2]
    past = await acme.ok("GET", f"/v1/runs/{run}/replay?as_of={then['entry']['seq']}")
    assert past["state_sha256"] == digest(facts_of("run", events[: len(past["steps"])]))


async def test_two_moments_of_a_company_differ_in_what_events_changed(api: World, acme: Company) -> None:
    before = api.events(acme)
    member = await join(api, acme, "member")
    change = {"permission": "manager", "reason": "昇格"}
    changed = await acme.ok("PUT", f"/v1/members/{member.id}/permission", change)
    await shown(api, acme)
    found = await acme.ok("GET", f"/v1/diff?from={before}")
    by_name = {one["name"]: one for one in found["changes"]}
    permission = by_name[f"members.{member.id}.permission"]
    assert (permission["old"], permission["new"]) == (None, "manager")
    assert permission["by"][-1] == changed["seq"]
    assert {e["seq"] for e in found["events"]} >= set(permission["by"])
    assert next(e for e in found["events"] if e["seq"] == changed["seq"])["reason"] == "昇格"
    part = await acme.ok("GET", f"/v1/diff?from={before}&to={changed['seq'] - 1}")
    assert {o["name"]: o["new"] for o in part["changes"]}[f"members.{member.id}.permission"] == "member"
    nothing = await acme.ok("GET", f"/v1/diff?from={changed['seq']}&to={changed['seq']}")
    assert (nothing["changes"], nothing["events"]) == ([], [])


async def test_who_could_see_a_run_is_told_with_who_did(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    member, auditor = await join(api, acme, "member"), await join(api, acme, "auditor")
    partner = await join(api, acme, "partner")
    await shown(api, acme)
    assert (await auditor.client.get(f"/v1/runs/{run}")).status_code == 200
    seen = await acme.ok("GET", f"/v1/runs/{run}/audience")
    could = {one["member"]: one["part"] for one in seen["could"]}
    assert could == {acme.owner: True, member.id: False, auditor.id: False}
    assert partner.id not in could
    assert [(look["member_id"], look["times"]) for look in seen["did"]] == [(auditor.id, 1)]


@pytest.mark.parametrize("asked", ["from=5&to=2", "from=99999999", "from=2099-01-01T00:00:00Z", "from=x"])
async def test_moments_that_are_none_are_refused(acme: Company, asked: str) -> None:
    answer = await acme.client.get(f"/v1/diff?{asked}")
    problem: Any = answer.json()
    assert answer.status_code == 422, problem


async def test_another_companys_run_is_unknown(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    other = await api.company("Other")
    await other.ok("GET", f"/v1/runs?wait_for={api.events(other)}")
    for path in (f"/v1/runs/{run}/replay", f"/v1/runs/{run}/audience", f"/v1/diff?from=0&stream={run}"):
        assert (await other.client.get(path)).status_code == 404
