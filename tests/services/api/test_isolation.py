"""A credential of one company reaches, counts and tells apart nothing of another: every route is tried."""

import re

import httpx2
import msgspec
import psycopg
import pytest

from infra.ids import uuid7
from services.api.endpoint import OPEN, Endpoint
from services.api.routes import ENDPOINTS
from tests.services.api.samples import IN_QUERY, SLUGS, bodies, ids_of, path
from tests.services.api.world import Company, World, world

IDS = ("run", "procedure", "member", "key", "handover", "export")
MADE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}_[\w-]{43}|\d+")


def takes_an_id(endpoint: Endpoint) -> bool:
    """Whether an id can be named anywhere in a request."""
    named = {*endpoint.parameters, *(query.name for query in endpoint.query if query.name in IN_QUERY)}
    in_body = "member" in str(endpoint.body) or endpoint.name in (
        *("set_role_holders", "start_run", "issue_api_key", "ask_export"),
    )
    return endpoint.needs is not OPEN and (bool(named & {*IDS, *IN_QUERY}) or in_body)


def of_tenant(dsn: str, tenant: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM events WHERE tenant_id = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


async def ask(company: Company, endpoint: Endpoint, ids: dict[str, str]) -> httpx2.Response:
    body = bodies(ids).get(endpoint.name)
    return await company.client.request(endpoint.method, path(endpoint, ids), json=body)


def seen(answer: httpx2.Response) -> tuple[int, str]:
    """Status and body; of what was carried out, without the ids and numbers that are new each time."""
    return answer.status_code, MADE.sub("…", answer.text) if answer.status_code < 300 else answer.text


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if takes_an_id(e)], ids=lambda e: e.name)
async def test_a_foreign_id_is_as_unknown_as_any(api: World, acme: Company, other: Company, endpoint: Endpoint) -> None:
    ids = await ids_of(acme)
    await acme.client.get(f"/v1/runs?wait_for={api.events(acme)}")
    before = of_tenant(api.dsn, acme.tenant)
    foreign = await ask(other, endpoint, ids)
    unknown = await ask(other, endpoint, {name: uuid7() for name in IDS})
    assert seen(foreign) == seen(unknown)
    assert of_tenant(api.dsn, acme.tenant) == before


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.method == "GET" and e.needs is not OPEN], ids=lambda e: e.name
)
async def test_no_answer_holds_anything_of_another_company(
    api: World, acme: Company, other: Company, endpoint: Endpoint
) -> None:
    ids = await ids_of(acme)
    await other.client.get(f"/v1/runs?wait_for={api.events(other)}")
    bare = endpoint.path.format_map({**SLUGS, **ids})
    answer = await other.client.get(bare)
    assert not [found for found in (*ids.values(), acme.tenant, acme.owner) if found in answer.text]


NUMBERS = re.compile(r"(?<![\w-])\d+(?![\w-])")


async def numbers_of(company: Company) -> list[list[int]]:
    """Every number that answers to a few commands and questions hold, in bodies and headers."""
    run = await company.run()
    asked = [
        ("POST", f"/v1/runs/{run}/comments", {"text": "x"}),
        ("PUT", "/v1/departments/hr", {"title": "HR"}),
        ("PUT", "/v1/departments/hr", {"title": "HR"}),
        ("GET", "/v1/departments?wait_for=3", None),
        ("GET", "/v1/me", None),
    ]
    answers = [await company.client.request(method, path, json=body) for method, path, body in asked]
    told = [f"{answer.text} {sorted(answer.headers.items())}" for answer in answers]
    return [[int(number) for number in NUMBERS.findall(MADE_ID.sub("", each))] for each in told]


MADE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[^\"]+")


async def test_no_number_tells_what_others_did_meanwhile(database: str) -> None:
    async with world(database) as api:
        alone = await numbers_of(await api.company("Alone"))
        busy = await api.company("Busy")
        for _ in range(7):
            await busy.run()
        assert await numbers_of(await api.company("Third")) == alone


async def test_the_owner_reaches_what_the_stranger_does_not(acme: Company, other: Company) -> None:
    run = await acme.run()
    step = f"/v1/runs/{run}/steps/first/completion"
    assert (await other.client.put(step, json={})).status_code == 404
    assert (await acme.client.put(step, json={})).status_code == 200


async def test_every_route_that_takes_a_body_is_tried_with_one() -> None:
    needs = {e.name for e in ENDPOINTS if e.body is not None and _required(e)}
    assert needs <= set(bodies({"member": "m", "procedure": "p", "run": "r"}))


def _required(endpoint: Endpoint) -> bool:
    return not isinstance(endpoint.body, type) or any(f.required for f in msgspec.structs.fields(endpoint.body))
