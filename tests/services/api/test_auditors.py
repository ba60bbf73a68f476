"""An auditor reads for a time, and every read is on record before it is answered."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.tenants.permissions import MAY
from services.api.endpoint import MEMBER, OPEN, Endpoint
from services.api.routes import ENDPOINTS
from tests.services.api.people import a_handover, a_made_export, join, problem
from tests.services.api.samples import bodies, path
from tests.services.api.world import Company, World, world

READS = [e for e in ENDPOINTS if not e.carries_out and e.needs is not OPEN]
CHANGES = ("UPDATE auditor_reads SET what = ''", "DELETE FROM auditor_reads", "TRUNCATE auditor_reads")
COUNT = "SELECT count(*) FROM auditor_reads"


def rows(api: World, sql: str = COUNT) -> list[Any]:
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        return connection.execute(sql).fetchall()


def count(api: World) -> int:
    return int(rows(api)[0][0])


def may(endpoint: Endpoint) -> bool:
    return endpoint.needs is MEMBER or "auditor" in MAY[endpoint.needs]


async def ids_of(api: World, acme: Company) -> dict[str, str]:
    procedure = await acme.procedure()
    made = {"procedure": procedure, "run": await acme.run(procedure), "handover": await a_handover(api, acme)}
    made["export"] = await a_made_export(api, acme)
    return {**made, "member": acme.owner, "key": acme.owner}


@pytest.mark.parametrize("endpoint", READS, ids=lambda e: e.name)
async def test_no_route_can_be_read_without_a_row(api: World, acme: Company, endpoint: Endpoint) -> None:
    auditor = await join(api, acme, "auditor")
    ids = await ids_of(api, acme)
    await acme.client.get(f"/v1/runs?wait_for={api.events()}")
    before = count(api)
    answer = await auditor.client.request(endpoint.method, path(endpoint, ids), json=bodies(ids).get(endpoint.name))
    assert answer.status_code == (200 if may(endpoint) else 403), answer.text
    assert count(api) - before == may(endpoint)


@pytest.mark.parametrize("endpoint", READS, ids=lambda e: e.name)
async def test_what_cannot_be_put_on_record_is_not_answered(api: World, acme: Company, endpoint: Endpoint) -> None:
    auditor = await join(api, acme, "auditor")
    ids = await ids_of(api, acme)
    await acme.client.get(f"/v1/runs?wait_for={api.events()}")
    rows_gone = "ALTER TABLE auditor_reads RENAME TO elsewhere; SELECT 1"
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        connection.execute(rows_gone)
    answer = await auditor.client.request(endpoint.method, path(endpoint, ids), json=bodies(ids).get(endpoint.name))
    assert (answer.status_code, problem(answer)) == (
        (503, "read_not_logged") if may(endpoint) else (403, "not_permitted")
    )
    assert (await acme.client.get("/v1/me")).status_code == 200


async def test_a_server_that_keeps_no_record_shows_auditors_nothing(database: str) -> None:
    async with world(database, access=None) as api:
        acme = await api.company()
        auditor = await join(api, acme, "auditor")
        assert (await auditor.client.get("/v1/runs")).json()["type"] == "/problems/read_not_logged"
        assert (await acme.client.get("/v1/runs")).status_code == 200


async def test_the_record_says_who_read_what_and_up_to_which_event(api: World, acme: Company) -> None:
    auditor = await join(api, acme, "auditor")
    run = await acme.run()
    seq = api.events(acme)
    await acme.client.get(f"/v1/runs?wait_for={seq}")
    await auditor.client.get(f"/v1/runs/{run}")
    await auditor.client.get("/v1/trail?limit=2&order=desc")
    found = (await acme.ok("GET", "/v1/reads"))["items"]
    assert [(row["member_id"], row["member_name"], row["what"], row["asked"], row["seq"]) for row in found] == [
        (auditor.id, "auditor", "read_trail", {"limit": "2", "order": "desc"}, seq),
        (auditor.id, "auditor", "get_run", {"run": run}, seq),
    ]


async def test_the_record_is_read_page_by_page_and_by_filters(api: World, acme: Company) -> None:
    first, second = await join(api, acme, "auditor", "One"), await join(api, acme, "auditor", "Two")
    for person in (first, second, first):
        for what in ("runs", "departments"):
            await person.client.get(f"/v1/{what}")
    one = await acme.ok("GET", "/v1/reads?limit=4")
    two = await acme.ok("GET", f"/v1/reads?limit=4&cursor={one['next']}")
    found = [*one["items"], *two["items"]]
    assert (len(one["items"]), len(two["items"]), two["next"]) == (4, 2, None)
    assert [row["at"] for row in found] == sorted((row["at"] for row in found), reverse=True)
    only = (await acme.ok("GET", f"/v1/reads?member={first.id}&what=list_runs"))["items"]
    assert {(row["member_id"], row["what"]) for row in only} == {(first.id, "list_runs")}
    assert len(only) == 2
    later = (await acme.ok("GET", "/v1/reads?from=2099-01-01T00:00:00Z"))["items"]
    assert later == []


@pytest.mark.parametrize(
    ("permission", "status"), [("manager", 403), ("member", 403), ("partner", 403), ("admin", 200)]
)
async def test_the_record_is_for_admins_and_auditors(
    api: World, acme: Company, permission: str, status: int
) -> None:
    person = await join(api, acme, permission)
    assert (await person.client.get("/v1/reads")).status_code == status


async def test_a_company_sees_its_own_record_only(api: World, acme: Company, other: Company) -> None:
    auditor = await join(api, acme, "auditor")
    await auditor.client.get("/v1/runs")
    assert (await other.ok("GET", "/v1/reads"))["items"] == []
    assert len((await acme.ok("GET", "/v1/reads"))["items"]) == 1


@pytest.mark.parametrize("change", CHANGES)
async def test_a_record_is_never_changed(api: World, acme: Company, change: str) -> None:
    auditor = await join(api, acme, "auditor")
    await auditor.client.get("/v1/runs")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="added to only"):
        rows(api, change)
    assert count(api) == 1


async def test_nobody_elses_reads_are_on_record(api: World, acme: Company) -> None:
    for permission in ("admin", "manager", "member", "partner"):
        person = await join(api, acme, permission)
        await person.client.get("/v1/runs")
    await acme.client.get("/v1/trail")
    assert count(api) == 0


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def test_an_auditors_time_is_over_by_the_clock_alone(database: str) -> None:
    moved = timedelta()
    async with world(database, clock=lambda: datetime.now(UTC) + moved) as api:
        acme = await api.company()
        auditor = await join(api, acme, "auditor", access_ends_at=in_days(10))
        assert (await auditor.client.get("/v1/runs")).status_code == 200
        before, moved = api.events(), timedelta(days=11)
        ids = await ids_of(api, acme)
        for endpoint in READS:
            answer = await auditor.client.request(endpoint.method, path(endpoint, ids))
            assert answer.status_code == 401
        refused = await auditor.client.post("/v1/api-keys", json={"label": "x"})
        assert refused.status_code == 401
        more = {"ends_at": in_days(30), "reason": "監査の延長"}
        await acme.ok("PUT", f"/v1/members/{auditor.id}/access-end", more)
        assert (await auditor.client.get("/v1/runs")).status_code == 200
        assert api.events() > before


async def test_an_end_is_given_as_they_are_invited_or_become_one(api: World, acme: Company) -> None:
    ends = in_days(30)
    auditor = await join(api, acme, "auditor", access_ends_at=ends)
    me = (await auditor.client.get("/v1/me")).json()
    assert datetime.fromisoformat(me["access_ends_at"]) == datetime.fromisoformat(ends)
    member = await join(api, acme, "member")
    body = {"permission": "auditor", "access_ends_at": in_days(400), "reason": "監査へ"}
    too_far = await acme.client.put(f"/v1/members/{member.id}/permission", json=body)
    assert (too_far.status_code, too_far.json()["field"]) == (422, "access_ends_at")
    await acme.ok("PUT", f"/v1/members/{member.id}/permission", {**body, "access_ends_at": ends})
    seats = await acme.ok("GET", f"/v1/seats?wait_for={api.events()}")
    assert seats["usage"]["held"] == 1


async def test_many_reads_at_once_are_each_on_record(api: World, acme: Company) -> None:
    auditor = await join(api, acme, "auditor")
    answers = await asyncio.gather(*(auditor.client.get("/v1/departments") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert count(api) == 20


def test_every_read_is_tried() -> None:
    assert len(READS) > 15
