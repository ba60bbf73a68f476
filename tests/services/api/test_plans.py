"""The plan over HTTP: the catalogue, what one has and had, changing it, rehearsing, and the operator's lapse."""

from typing import Any

import pytest

from services.api.deps import Settings
from tests.services.api.world import Company, World, client, world

WHY = {"reason": "経費削減"}
TOKEN = "a-token-of-twenty-characters"


async def invited(company: Company, count: int) -> None:
    for number in range(count):
        body = {"name": f"人{number}", "email": f"p{number}@acme.example"}
        await company.ok("POST", "/v1/members", body)


async def plan_of(api: World, company: Company, query: str = "") -> Any:
    return await company.ok("GET", f"/v1/plan?wait_for={api.events(company)}{query}")


async def test_the_catalogue_is_that_of_a_day(acme: Company) -> None:
    items = (await acme.ok("GET", "/v1/plans"))["items"]
    assert [(plan["plan"], plan["yen_a_month"], plan["seats"]) for plan in items] == [
        ("lite", 30_000, 20), ("standard", 45_000, 50), ("pro", 60_000, 100), ("enterprise", 100_000, None)
    ]  # fmt: skip
    assert (await acme.ok("GET", "/v1/plans?on=2023-12-31"))["items"] == []


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-4-1", "0001-01-01", "２０２６-04-01"])
async def test_a_day_that_is_none_is_refused(acme: Company, day: str) -> None:
    answer = await acme.client.get("/v1/plans", params={"on": day})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid_input")


async def test_the_plan_tells_what_is_pending_and_every_event_behind_it(acme: Company, api: World) -> None:
    await acme.ok("PUT", "/v1/plan", {"plan": "pro"})
    before = api.events(acme)
    await acme.ok("PUT", "/v1/plan", {"plan": "lite", **WHY})
    found = await plan_of(api, acme)
    assert (found["state"], found["plan"], found["seats"], found["yen_a_month"]) == ("active", "pro", 100, 60_000)
    assert (found["pending"]["plan"], found["pending"]["seats"], found["pending"]["seq"]) == ("lite", 20, before + 1)
    kinds = ["tenant.trial_started", "tenant.plan_chosen", "tenant.plan_change_scheduled"]
    assert [step["type"] for step in found["history"]] == kinds
    assert found["history"][-1]["reason"] == "経費削減"
    trail = (await acme.ok("GET", f"/v1/trail?type={','.join(kinds)}"))["items"]
    assert [step["seq"] for step in found["history"]] == [entry["seq"] for entry in trail]
    then = await plan_of(api, acme, f"&as_of={before}")
    assert (then["pending"], len(then["history"])) == (None, 2)


async def test_what_is_pending_is_withdrawn(acme: Company, api: World) -> None:
    await acme.ok("PUT", "/v1/plan", {"plan": "pro"})
    await acme.ok("DELETE", "/v1/plan", WHY)
    assert (await plan_of(api, acme))["pending"]["plan"] is None
    await acme.ok("DELETE", "/v1/plan/pending", WHY)
    assert (await plan_of(api, acme))["pending"] is None
    answer = await acme.client.request("DELETE", "/v1/plan/pending", json=WHY)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nothing_pending")


async def test_a_plan_that_is_too_small_is_foreseen_and_refused_alike(acme: Company, api: World) -> None:
    await acme.ok("PUT", "/v1/plan", {"plan": "pro"})
    await invited(acme, 21)
    before = api.events()
    foreseen = await acme.ok("POST", "/v1/plan/rehearsal", {"plan": "lite"})
    assert api.events() == before
    assert (foreseen["outcome"], foreseen["surplus"], foreseen["seats_held"]) == ("refused", 2, 22)
    assert {holder["name"] for holder in foreseen["held_by"]} == {"Emi", *(f"人{n}" for n in range(21))}
    assert (foreseen["yen_difference"], foreseen["new"]["seats"]) == (-30_000, 20)
    refused = (await acme.client.put("/v1/plan", json={"plan": "lite", **WHY})).json()
    assert (refused["detail"], refused["surplus"]) == (foreseen["detail"], foreseen["surplus"])
    assert refused["held_by"] == [holder["member"] for holder in foreseen["held_by"]]


async def test_a_rehearsal_tells_when_what_and_at_what_price(acme: Company) -> None:
    first = await acme.ok("POST", "/v1/plan/rehearsal", {"plan": "lite"})
    assert (first["outcome"], first["needs_reason"], first["yen_difference"]) == ("at_once", False, 30_000)
    assert first["present"] == {"plan": None, "seats": 50, "yen_a_month": 0}
    await acme.ok("PUT", "/v1/plan", {"plan": "pro"})
    smaller = await acme.ok("POST", "/v1/plan/rehearsal", {"plan": "standard"})
    assert (smaller["outcome"], smaller["needs_reason"], smaller["replaces"]) == ("scheduled", True, None)
    assert smaller["new"] == {"plan": "standard", "seats": 50, "yen_a_month": 45_000}
    await acme.ok("PUT", "/v1/plan", {"plan": "standard", **WHY})
    end = await acme.ok("POST", "/v1/plan/rehearsal", {"cancel": True})
    assert (end["outcome"], end["at"], end["replaces"]["plan"]) == ("scheduled", smaller["at"], "standard")
    assert (end["new"], end["yen_difference"]) == ({"plan": None, "seats": 0, "yen_a_month": 0}, -60_000)
    stays = await acme.ok("POST", "/v1/plan/rehearsal", {"plan": "pro"})
    assert (stays["outcome"], stays["yen_difference"]) == ("withdrawn", 0)


@pytest.mark.parametrize("body", [{}, {"plan": "lite", "cancel": True}, {"cancel": True, "seats": 3}, {"plan": "gold"}])
async def test_a_rehearsal_of_nothing_in_particular_is_refused(acme: Company, body: dict[str, Any]) -> None:
    answer = await acme.client.post("/v1/plan/rehearsal", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid_input")


async def test_cancelling_on_trial_is_foreseen_as_refused(acme: Company) -> None:
    foreseen = await acme.ok("POST", "/v1/plan/rehearsal", {"cancel": True})
    assert (foreseen["outcome"], foreseen["code"]) == ("refused", "no_plan")


def operator(api: World, token: str = TOKEN) -> Any:
    return client(api.app, {"authorization": f"Bearer {token}"})


async def test_the_operator_lets_a_subscription_lapse_and_a_plan_opens_it_again(database: str) -> None:
    async with world(database, settings=Settings(operator_token=TOKEN)) as api:
        acme = await api.company("Acme")
        await acme.ok("PUT", "/v1/plan", {"plan": "lite"})
        asked = operator(api)
        path, body = f"/v1/tenants/{acme.tenant}/lapse", {"reason": "未入金"}
        assert (await asked.post(path, json={})).json()["type"] == "/problems/reason_missing"
        assert (await asked.post(path, json=body, headers={"Idempotency-Key": "1"})).json()["events"] == 1
        assert (await asked.post(path, json=body, headers={"Idempotency-Key": "1"})).json()["repeated"]
        refused = (await acme.client.put("/v1/departments/hr", json={"title": "人事"})).json()
        assert (refused["type"], refused["because"]) == ("/problems/tenant_read_only", "lapsed")
        [entry] = (await acme.ok("GET", f"/v1/trail?type=tenant.plan_lapsed&wait_for={api.events(acme)}"))["items"]
        assert (entry["actor_name"], entry["reason"]) == ("the operator", "未入金")
        assert (await plan_of(api, acme))["state"] == "lapsed"
        await acme.ok("PUT", "/v1/plan", {"plan": "lite"})
        await acme.ok("PUT", "/v1/departments/hr", {"title": "人事"})


@pytest.mark.parametrize("shown", ["another-token-altogether", ""])
async def test_nobody_but_the_operator_lets_a_subscription_lapse(database: str, shown: str) -> None:
    async with world(database, settings=Settings(operator_token=TOKEN)) as api:
        acme = await api.company("Acme")
        await acme.ok("PUT", "/v1/plan", {"plan": "lite"})
        path, body = f"/v1/tenants/{acme.tenant}/lapse", {"reason": "未入金"}
        before = api.events()
        for who in (operator(api, shown), acme.client, api.client):
            answer = await who.post(path, json=body)
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/operators_only")
        assert api.events() == before


async def test_being_on_this_machine_is_not_enough_to_change_something(acme: Company, api: World) -> None:
    answer = await api.client.post(f"/v1/tenants/{acme.tenant}/lapse", json={"reason": "未入金"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/operators_only")


async def test_an_unknown_company_does_not_lapse(database: str) -> None:
    async with world(database, settings=Settings(operator_token=TOKEN)) as api:
        body = {"reason": "未入金"}
        answer = await operator(api).post("/v1/tenants/0199a000-0000-7000-8000-000000000100/lapse", json=body)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not_found")
