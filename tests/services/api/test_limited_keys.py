"""Keys that do less, or for less long, than their member; and the list of them, which holds no secret."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from infra.read_store.access_log import AccessLog
from services.api.endpoint import MEMBER, OPEN, OPERATOR
from services.api.routes import ENDPOINTS
from tests.services.api.people import a_handover, a_made_export, join, problem
from tests.services.api.samples import bodies, path
from tests.services.api.world import Company, World, world


class Clock:
    """The server's clock, moved by a test."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest_asyncio.fixture
async def moving(database: str) -> AsyncIterator[tuple[World, Clock]]:
    clock = Clock()
    async with world(database, clock=clock) as made:
        yield made, clock


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def issued(acme: Company, **limits: Any) -> dict[str, Any]:
    made: dict[str, Any] = await acme.ok("POST", "/v1/api-keys", {"label": "集計", **limits})
    return made


async def test_a_key_that_only_reads_carries_no_command_out(api: World, acme: Company) -> None:
    client = api.as_((await issued(acme, read_only=True))["secret"])
    run = await acme.run()
    ids = {"run": run, "procedure": await acme.procedure(), "member": acme.owner, "key": acme.owner}
    ids |= {"handover": await a_handover(api, acme), "export": await a_made_export(api, acme)}
    await acme.client.get(f"/v1/runs?wait_for={api.events()}")
    before = len((await acme.ok("GET", "/v1/trail?type=command.refused"))["items"])
    commands = [e for e in ENDPOINTS if e.carries_out and e.needs not in (OPEN, OPERATOR)]
    for endpoint in commands:
        answer = await client.request(endpoint.method, path(endpoint, ids), json=bodies(ids).get(endpoint.name))
        assert (endpoint.name, answer.status_code, problem(answer)) == (endpoint.name, 403, "key_limited")
    after = await acme.ok("GET", f"/v1/trail?type=command.refused&limit=500&wait_for={api.events()}")
    assert len(after["items"]) - before == len(commands)
    for endpoint in ENDPOINTS:
        if not endpoint.carries_out and endpoint.needs is not OPEN:
            sent = bodies(ids).get(endpoint.name)
            answer = await client.request(endpoint.method, path(endpoint, ids), json=sent)
            reads = endpoint.needs is MEMBER or endpoint.needs.startswith("read_")
            assert answer.status_code == (200 if reads else 403), endpoint.name


async def test_a_key_with_a_list_does_what_is_on_it_and_nothing_else(api: World, acme: Company) -> None:
    client = api.as_((await issued(acme, only=["comment", "read_own_tasks"]))["secret"])
    run = await acme.run()
    assert (await client.post(f"/v1/runs/{run}/comments", json={"text": "自動"})).status_code == 200
    assert (await client.get("/v1/tasks")).status_code == 200
    assert (await client.get("/v1/me")).status_code == 200
    for method, where in (("GET", "/v1/runs"), ("GET", f"/v1/runs/{run}"), ("PUT", f"/v1/runs/{run}/cancellation")):
        answer = await client.request(method, where, json={"reason": "x"} if method == "PUT" else None)
        assert answer.json()["type"] == "/problems/key_limited"


async def test_a_list_gives_nothing_that_the_member_may_not(api: World, acme: Company) -> None:
    member = await join(api, acme, "member")
    made = await member.client.post("/v1/api-keys", json={"label": "x", "only": ["read_trail"]})
    client = api.as_(made.json()["secret"])
    assert (await client.get("/v1/trail")).json()["type"] == "/problems/not_permitted"


@pytest.mark.parametrize("limits", [{"only": ["issue_api_key"]}, {"expires_at": in_days(1)}], ids=["list", "end"])
async def test_a_key_with_limits_makes_no_key_without(api: World, acme: Company, limits: dict[str, Any]) -> None:
    client = api.as_((await issued(acme, **limits))["secret"])
    answer = await client.post("/v1/api-keys", json={"label": "y"})
    assert answer.json()["type"] == "/problems/key_limited"


async def test_a_key_ends_at_its_instant_for_reads_and_commands(moving: tuple[World, Clock]) -> None:
    api, clock = moving
    acme = await api.company()
    made = await issued(acme, expires_at=in_days(1))
    client, run = api.as_(made["secret"]), await acme.run()
    assert (await client.get("/v1/me")).status_code == 200
    clock.ahead = timedelta(days=1, seconds=1)
    before = api.events()
    assert (await client.get("/v1/me")).status_code == 401
    assert (await client.post(f"/v1/runs/{run}/comments", json={"text": "x"})).status_code == 401
    assert api.events() == before


async def test_a_key_that_expires_on_its_way_is_refused_where_it_is_decided(database: str) -> None:
    later, looks = datetime.now(UTC) + timedelta(days=2), [0, -1]

    def clock() -> datetime:
        """Two days pass between the second look at it and the one before, once a test says so."""
        looks[0] += 1
        return later if 0 <= looks[1] < looks[0] else datetime.now(UTC)

    async with world(database, clock=clock) as api:
        acme = await api.company()
        made = await issued(acme, expires_at=in_days(1))
        run = await acme.run()
        before, looks[1] = api.events(), looks[0] + 1
        answer = await api.as_(made["secret"]).post(f"/v1/runs/{run}/comments", json={"text": "x"})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
        assert api.events() == before


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"expires_at": in_days(-1)}, "expires_at"),
        ({"expires_at": in_days(5000)}, "expires_at"),
        ({"only": ["everything"]}, "only"),
        ({"only": []}, "only"),
    ],
    ids=["past", "too far", "unknown", "empty"],
)
async def test_limits_that_make_no_sense_are_refused(acme: Company, limits: dict[str, Any], field: str) -> None:
    answer = await acme.client.post("/v1/api-keys", json={"label": "x", **limits})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_the_list_tells_all_but_the_secret(api: World, acme: Company) -> None:
    made = await issued(acme, expires_at=in_days(3), read_only=True, only=["read_trail", "read_dashboards"])
    assert (await api.as_(made["secret"]).get("/v1/runs")).status_code == 200
    assert isinstance(api.deps.access, AccessLog)
    await api.deps.access.settled()
    answer = await acme.client.get(f"/v1/api-keys?wait_for={api.events()}")
    row = next(row for row in answer.json()["items"] if row["key"] == made["key"])
    today = datetime.now(UTC).date().isoformat()
    assert {name: row[name] for name in ("member", "label", "created_by", "last_used_on", "open", "read_only")} == {
        "member": acme.owner,
        "label": "集計",
        "created_by": acme.owner,
        "last_used_on": today,
        "open": True,
        "read_only": True,
    }
    assert row["only"] == ["read_dashboards", "read_trail"]
    assert row["created_at"][:10] == today
    secret = made["secret"].rsplit("_", 1)[1]
    with psycopg.connect(api.dsn) as connection:
        stored = connection.execute("SELECT string_agg(convert_from(body, 'UTF8'), '') FROM events").fetchone()
    assert stored is not None
    assert secret not in answer.text
    assert secret not in stored[0]
    assert "sha256" not in answer.text


async def test_a_key_that_was_never_used_says_so(api: World, acme: Company) -> None:
    made = await issued(acme)
    rows = (await acme.ok("GET", f"/v1/api-keys?wait_for={api.events()}"))["items"]
    assert next(row["last_used_on"] for row in rows if row["key"] == made["key"]) is None


async def test_the_day_of_use_is_written_once_a_day(moving: tuple[World, Clock]) -> None:
    api, clock = moving
    acme = await api.company()
    made = await issued(acme)
    client, access = api.as_(made["secret"]), api.deps.access
    assert isinstance(access, AccessLog)
    days = []
    for day in (0, 0, 1):
        clock.ahead = timedelta(days=day)
        await client.get("/v1/me")
        await access.settled()
        with psycopg.connect(api.dsn) as connection:
            row = connection.execute(
                "SELECT used_on, xmin::text FROM api_key_uses WHERE key_id = %s", (made["key"],)
            ).fetchone()
        days.append(row)
    assert days[0] == days[1]
    assert days[2][0] - days[0][0] == timedelta(days=1)  # type: ignore[index]  # there is a row


async def test_everyone_lists_their_own_and_admins_all(api: World, acme: Company) -> None:
    member, admin = await join(api, acme, "member"), await join(api, acme, "admin")
    wait = f"/v1/api-keys?wait_for={api.events()}"
    own = (await member.client.get(wait)).json()["items"]
    assert {row["member"] for row in own} == {member.id}
    everyones = (await admin.client.get(wait)).json()["items"]
    assert {row["member"] for row in everyones} == {acme.owner, member.id, admin.id}


async def test_a_revoked_key_is_listed_no_more_and_was_listed_then(api: World, acme: Company) -> None:
    made = await issued(acme)
    seq = api.events(acme)
    await acme.ok("DELETE", f"/v1/api-keys/{made['key']}")
    wait = f"wait_for={api.events()}"
    now = [row["key"] for row in (await acme.ok("GET", f"/v1/api-keys?{wait}"))["items"]]
    then = [row["key"] for row in (await acme.ok("GET", f"/v1/api-keys?as_of={seq}&{wait}"))["items"]]
    assert (made["key"] in now, made["key"] in then) == (False, True)
