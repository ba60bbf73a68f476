"""Who may ask at all: one answer for every credential that opens nothing."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from infra.ids import uuid7
from services.api.keys import INVITATION, KEY, issue, presented
from tests.services.api.world import SETTINGS, Company, World, world


def headers(acme: Company) -> Mapping[str, dict[str, str | bytes]]:
    kind, tenant, key, secret = acme.key.split("_", 3)
    last = "A" if secret[-1] != "A" else "B"
    return {
        "no header": {},
        "no key": {"authorization": "Bearer "},
        "another scheme": {"authorization": f"Basic {acme.key}"},
        "not a key": {"authorization": "Bearer æøå".encode("latin-1")},
        "unknown tenant": {"authorization": f"Bearer {issue(KEY, uuid7(), uuid7()).text}"},
        "unknown key": {"authorization": f"Bearer {issue(KEY, acme.tenant, uuid7()).text}"},
        "wrong secret": {"authorization": f"Bearer {kind}_{tenant}_{key}_{secret[:-1]}{last}"},
        "an invitation": {"authorization": f"Bearer {acme.key.replace(KEY, INVITATION, 1)}"},
        "longer": {"authorization": f"Bearer {acme.key}x"},
    }


async def test_every_wrong_credential_gets_the_same_answer(api: World, acme: Company) -> None:
    asked = headers(acme)
    answers = [await api.client.get("/v1/me", headers=list(given.items())) for given in asked.values()]  # type: ignore[arg-type]
    assert [a.status_code for a in answers] == [401] * len(asked)
    assert len({(a.content, str(sorted(a.headers.items()))) for a in answers}) == 1


async def test_wrong_credentials_of_known_and_unknown_companies_take_as_long(database: str) -> None:
    slow = replace(SETTINGS, unknown_seconds=0.3)
    async with world(database, settings=slow) as api:
        acme = await api.company()
        for tenant in (acme.tenant, uuid7()):
            started = time.perf_counter()
            await api.as_(issue(KEY, tenant, uuid7()).text).get("/v1/me")
            assert time.perf_counter() - started >= 0.3


async def test_a_revoked_key_opens_nothing_a_second_later(acme: Company, api: World) -> None:
    second = await acme.ok("POST", "/v1/api-keys", {"label": "second"})
    client = api.as_(second["secret"])
    assert (await client.get("/v1/me")).status_code == 200
    await acme.ok("DELETE", f"/v1/api-keys/{second['key']}")
    assert (await client.get("/v1/me")).status_code == 401


async def test_a_key_revoked_by_another_process_opens_nothing_a_second_later(database: str) -> None:
    async with world(database) as here, world(database) as there:
        acme = await here.company()
        second = await acme.ok("POST", "/v1/api-keys", {"label": "second"})
        client = there.as_(second["secret"])
        assert (await client.get("/v1/me")).status_code == 200
        await acme.ok("DELETE", f"/v1/api-keys/{second['key']}")
        async with asyncio.timeout(2):
            while (await client.get("/v1/me")).status_code == 200:  # noqa: ASYNC110 – only asking again can tell
                await asyncio.sleep(0.05)


async def test_a_key_issued_by_another_process_opens_at_once(database: str) -> None:
    async with world(database) as here, world(database) as there:
        acme = await here.company()
        assert (await there.as_(acme.key).get("/v1/me")).status_code == 200
        second = await acme.ok("POST", "/v1/api-keys", {"label": "second"})
        assert (await there.as_(second["secret"]).get("/v1/me")).status_code == 200


async def test_keys_of_a_member_who_left_open_nothing(acme: Company, api: World) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "aiko@acme.example"})
    joined = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    await acme.ok("DELETE", f"/v1/members/{invited['member']}", {"reason": "退職"})
    assert (await api.as_(joined["secret"]).get("/v1/me")).status_code == 401


async def test_a_member_may_not_do_what_their_permission_does_not_cover(acme: Company, api: World) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "a@acme.example"})
    joined = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    client = api.as_(joined["secret"])
    assert (await client.get("/v1/trail")).json()["type"] == "/problems/not_permitted"
    assert (await client.put("/v1/plan", json={"plan": "pro"})).status_code == 403


@pytest.mark.parametrize("kind", [KEY, INVITATION])
def test_a_key_says_whose_it_is(kind: str) -> None:
    tenant, name = uuid7(), uuid7()
    made = issue(kind, tenant, name)  # type: ignore[arg-type]  # parametrized
    assert presented(kind, made.text) == (tenant, name, made.sha256)  # type: ignore[arg-type]  # the same


def test_no_two_secrets_are_the_same() -> None:
    tenant, name = uuid7(), uuid7()
    assert issue(KEY, tenant, name).text != issue(KEY, tenant, name).text
