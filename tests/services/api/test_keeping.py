"""Holds, retention and a company's end over HTTP: what must be kept is kept, and nothing ends silently."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from domain.personal import ERASED
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from services.api.deps import Settings
from tests.services.api.people import join, problem
from tests.services.api.test_erasing import SUBJECT, WHY, raw_rows, somebody, told_of
from tests.services.api.world import Company, World, client, world

LATER = datetime(2030, 1, 1, tzinfo=UTC)
TOKEN = "the-operators-own-token"


def operated(dsn: str, **changes: Any) -> AbstractAsyncContextManager[World]:
    """A server with an operator."""
    return world(dsn, settings=Settings(operator_token=TOKEN), **changes)


def operator(api: World) -> Any:
    """The operator's client."""
    return client(api.app, {"authorization": f"Bearer {TOKEN}"})


async def erased(acme: Company, **who: Any) -> str:
    """The code of the problem with erasing somebody; "" when there is none."""
    answer = await acme.client.post("/v1/erasures", json={**who, **WHY})
    return "" if answer.status_code == 201 else problem(answer)


async def test_a_hold_keeps_a_member_a_run_or_everything_until_it_is_released(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    cases: list[tuple[dict[str, str], list[dict[str, Any]]]] = [
        ({"member": person.id}, [{"member": person.id}, {"member": person.id, "runs": [run]}]),
        ({"run": run}, [{"runs": [run]}, {"member": person.id, "runs": [run]}]),
        ({}, [{"runs": [run]}, {"member": person.id}]),
    ]
    for held, refused in cases:
        hold = (await acme.ok("POST", "/v1/holds", {**held, "reason": "係争中"}))["hold"]
        assert [await erased(acme, **who) for who in refused] == ["on_hold"] * 2
        await acme.ok("DELETE", f"/v1/holds/{hold}", {"reason": "和解"})
    assert await erased(acme, member=person.id, runs=[run]) == ""


async def test_holds_are_listed_with_their_reasons(api: World, acme: Company) -> None:
    person, _ = await somebody(api, acme)
    made = await acme.ok("POST", "/v1/holds", {"member": person.id, "reason": "係争中"})
    again = await acme.ok("POST", "/v1/holds", {"member": person.id, "reason": "係争中"})
    released = await acme.ok("DELETE", f"/v1/holds/{made['hold']}", {"reason": "和解"})
    [hold] = (await acme.ok("GET", f"/v1/holds?wait_for={released['seq']}"))["items"]
    assert again["hold"] is None
    assert (hold["hold"], hold["member"], hold["reason"]) == (made["hold"], person.id, "係争中")
    assert (hold["released_by"], hold["released_because"]) == (acme.owner, "和解")
    [then] = (await acme.ok("GET", f"/v1/holds?as_of={made['seq']}"))["items"]
    assert then["released_at"] is None


async def test_a_hold_on_what_is_unknown_or_on_two_things_is_refused(api: World, acme: Company, other: Company) -> None:
    run = await other.run()
    for body, code in (({"run": run}, "not_found"), ({"member": other.owner}, "not_found")):
        assert problem(await acme.client.post("/v1/holds", json={**body, **WHY})) == code
    both = {"run": await acme.run(), "member": acme.owner, **WHY}
    assert problem(await acme.client.post("/v1/holds", json=both)) == "invalid_input"
    assert problem(await acme.client.post("/v1/holds", json={})) == "reason_missing"


async def test_a_run_is_kept_for_its_period_and_listed_after_it(api: World, acme: Company) -> None:
    _, run = await somebody(api, acme)
    await acme.ok("PUT", "/v1/retention", {"years": 7, "reason": "法人税法"})
    assert await erased(acme, runs=[run]) == "still_kept"
    kept = await acme.ok("GET", "/v1/retention")
    assert kept["periods"] == [{"procedure": None, "years": 7}]
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    assert (await acme.ok("GET", "/v1/retention/past"))["items"] == []
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        connection.execute("UPDATE progress.run_progress SET finished_on = '2016-02-29' WHERE run_id = %s", (run,))
    [past] = (await acme.ok("GET", "/v1/retention/past"))["items"]
    assert (past["run_id"], past["subject"], past["kept_until"]) == (run, SUBJECT, "2023-03-01")
    await acme.ok("PUT", "/v1/retention", {"years": None, "reason": "規程の改定"})
    assert await erased(acme, runs=[run]) == ""


async def test_a_procedures_own_period_comes_before_that_of_all_others(api: World, acme: Company) -> None:
    _, run = await somebody(api, acme)
    procedure = (await acme.ok("GET", f"/v1/runs/{run}?wait_for={api.events(acme)}"))["run"]["procedure_id"]
    await acme.ok("PUT", "/v1/retention", {"years": 10, "procedure": procedure, "reason": "欠損金"})
    assert await erased(acme, runs=[run]) == "still_kept"
    answer = await acme.client.put("/v1/retention", json={"years": 0, **WHY})
    assert problem(answer) == "invalid_input"
    answer = await acme.client.put("/v1/retention", json={"years": 1, "procedure": run, **WHY})
    assert problem(answer) == "not_found"


async def test_a_company_that_leaves_is_read_only_until_it_stays_after_all(api: World, acme: Company) -> None:
    soon = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    assert problem(await acme.client.put("/v1/company/end", json={"keys_until": soon, **WHY})) == "invalid_input"
    await acme.ok("PUT", "/v1/company/end", {"keys_until": LATER.isoformat(), **WHY})
    refused = await acme.client.put("/v1/departments/hr", json={"title": "人事"})
    assert (problem(refused), refused.json()["because"]) == ("tenant_read_only", "ending")
    assert (await acme.ok("GET", "/v1/retention"))["keys_until"] == "2030-01-01T00:00:00Z"
    await acme.ok("DELETE", "/v1/company/end", WHY)
    await acme.ok("PUT", "/v1/departments/hr", {"title": "人事"})


async def test_only_an_owner_announces_the_end(api: World, acme: Company) -> None:
    admin = await join(api, acme, "admin")
    answer = await admin.client.put("/v1/company/end", json={"keys_until": LATER.isoformat(), **WHY})
    assert problem(answer) == "not_permitted"


async def test_a_companys_keys_are_destroyed_when_its_end_has_come_and_its_log_stays(database: str) -> None:
    async with operated(database) as api:
        acme = await api.company("Acme")
        _, run = await somebody(api, acme)
        path, by = f"/v1/tenants/{acme.tenant}/closing", operator(api)
        assert problem(await by.post(path, json=WHY)) == "not_ending"
        await acme.ok("PUT", "/v1/company/end", {"keys_until": LATER.isoformat(), **WHY})
        assert problem(await by.post(path, json=WHY)) == "not_ending"
    async with operated(database, clock=lambda: LATER) as api:
        by, mine = operator(api), Company(api.as_(acme.key), acme.tenant, acme.owner, acme.key)
        hold = (await mine.ok("POST", "/v1/holds", WHY))["hold"]
        assert problem(await by.post(path, json=WHY)) == "on_hold"
        await mine.ok("DELETE", f"/v1/holds/{hold}", WHY)
        before = api.events()
        assert (await by.post(path, json=WHY)).status_code == 200
        assert api.events() == before + 1
        await mine.ok("GET", f"/v1/departments?wait_for={api.events()}")
        told = await mine.ok("GET", f"/v1/runs/{run}/steps/first?as_of={before}")
        assert ERASED in str(told)
        assert told_of(str(told)) == []
        refused = await mine.client.post("/v1/holds", json=WHY)
        assert (problem(refused), refused.json()["because"]) == ("tenant_read_only", "closed")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT FROM data_keys WHERE tenant_id = %s", (acme.tenant,)).rowcount == 0
    assert told_of(raw_rows(database)) == []
    assert await asyncio.to_thread(verify, database, PROJECTIONS) == []
