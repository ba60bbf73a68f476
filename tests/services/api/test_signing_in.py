"""Bearer tokens of a real issuer: who comes in by one, and what happens when its keys rotate or it is down."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from time import monotonic, time
from typing import Any

import pytest
import pytest_asyncio

from infra.ids import uuid7
from infra.oidc.tokens import Tokens
from infra.settings import Settings
from services.program import program
from tests.oidc_issuer import Issuer, issuer
from tests.services.api.signing import member, reading, status, verified
from tests.services.api.world import SETTINGS, Company, World, client, world

REASON = {"reason": "サインインのため"}


@pytest.fixture(scope="module")
def idp() -> Iterator[Issuer]:
    """An issuer that all tests of this file share; those who change it put it right again."""
    with issuer() as running:
        yield running


@pytest_asyncio.fixture
async def api(database: str, idp: Issuer) -> AsyncIterator[World]:
    async with world(database, tokens=reading(idp)) as made:
        yield made


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
async def test_a_member_comes_in_by_a_verified_address_and_then_by_subject(
    api: World, acme: Company, idp: Issuer, alg: str
) -> None:
    aiko = await member(acme)
    me = (await api.as_(idp.token(alg, **verified(acme))).get("/v1/me")).json()
    assert (me["member"], me["tenant"], me["key"]) == (aiko, acme.tenant, None)
    without = idp.token(alg, ashiato_tenant=acme.tenant)
    assert (await api.as_(without).get("/v1/me")).json()["member"] == aiko
    trail = await acme.ok("GET", f"/v1/trail?type=tenant.member_linked&wait_for={api.events()}")
    assert [(row["member_id"], row["new"]) for row in trail["items"]] == [(aiko, {"issuer": idp.name})]


async def test_a_token_does_what_its_member_may_and_no_more(api: World, acme: Company, idp: Issuer) -> None:
    await member(acme)
    client = api.as_(idp.token(**verified(acme)))
    assert (await client.get("/v1/runs")).status_code == 200
    assert (await client.get("/v1/trail")).json()["type"] == "/problems/not_permitted"
    run = await acme.run()
    assert (await client.post(f"/v1/runs/{run}/comments", json={"text": "見ました"})).status_code == 200


async def test_an_owner_links_an_owner_or_admin_and_no_address_does(api: World, acme: Company, idp: Issuer) -> None:
    token = idp.token(**verified(acme, "emi@acme.example"), sub="emi-1")
    assert await status(api, token) == 401
    body = {"issuer": idp.name, "subject": "emi-1", **REASON}
    await acme.ok("PUT", f"/v1/members/{acme.owner}/identity", body)
    assert await status(api, token) == 200
    await acme.ok("DELETE", f"/v1/members/{acme.owner}/identity", REASON)
    assert await status(api, token) == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": "someone@acme.example"},
        {"email": ["aiko@acme.example"]},
    ],
    ids=str,
)
async def test_an_address_that_is_not_verified_opens_nothing(
    api: World, acme: Company, idp: Issuer, claims: dict[str, Any]
) -> None:
    await member(acme)
    before = api.events()
    assert await status(api, idp.token(**{**verified(acme), **claims})) == 401
    assert api.events() == before


async def test_an_address_that_changed_hands_does_not_take_a_membership_over(
    api: World, acme: Company, idp: Issuer
) -> None:
    await member(acme)
    assert await status(api, idp.token(**verified(acme))) == 200
    before = api.events()
    assert await status(api, idp.token(**verified(acme), sub="sub-2")) == 401
    assert api.events() == before


async def test_where_addresses_link_nobody_an_admin_does(database: str, idp: Issuer) -> None:
    async with world(database, tokens=reading(idp, links_by_email=False)) as api:
        acme = await api.company()
        aiko, token = await member(acme), idp.token(**verified(acme))
        assert await status(api, token) == 401
        await acme.ok("PUT", f"/v1/members/{aiko}/identity", {"issuer": idp.name, "subject": "sub-1", **REASON})
        assert await status(api, token) == 200


async def test_a_token_of_one_company_opens_no_other(api: World, acme: Company, other: Company, idp: Issuer) -> None:
    await member(acme)
    assert await status(api, idp.token(**verified(acme))) == 200
    run = await other.run()
    client = api.as_(idp.token(**verified(acme)))
    assert (await client.get(f"/v1/runs/{run}?wait_for={api.events(acme)}")).status_code == 404
    assert await status(api, idp.token(**{**verified(acme), "ashiato_tenant": other.tenant})) == 401
    assert await status(api, idp.token(**{**verified(acme), "ashiato_tenant": uuid7()})) == 401


async def test_who_was_deactivated_is_out_at_once(api: World, acme: Company, idp: Issuer) -> None:
    aiko, token = await member(acme), idp.token(**verified(acme))
    assert await status(api, token) == 200
    await acme.ok("DELETE", f"/v1/members/{aiko}", {"reason": "退職"})
    assert await status(api, token) == 401


async def test_clocks_may_be_a_little_apart(api: World, acme: Company, idp: Issuer) -> None:
    await member(acme)
    now = int(time())
    for claims in ({"exp": now - 30}, {"nbf": now + 30}, {"iat": now + 30}):
        assert await status(api, idp.token(**{**verified(acme), **claims})) == 200


async def test_an_audience_may_be_one_of_several(api: World, acme: Company, idp: Issuer) -> None:
    await member(acme)
    assert await status(api, idp.token(**verified(acme), aud=["wiki", "ashiato"])) == 200


async def test_wrong_tokens_take_as_long_as_wrong_keys(database: str, idp: Issuer) -> None:
    slow = replace(SETTINGS, unknown_seconds=0.3)
    async with world(database, settings=slow, tokens=reading(idp)) as api:
        acme = await api.company()
        for token in (idp.token(**verified(acme)), idp.token(**verified(acme), aud="payroll")):
            started = monotonic()
            assert await status(api, token) == 401
            assert monotonic() - started >= 0.3


async def test_keys_that_rotate_are_found_and_withdrawn_ones_forgotten(database: str) -> None:
    with issuer() as idp:
        async with world(database, tokens=reading(idp)) as api:
            acme = await api.company()
            await member(acme)
            old = idp.token(**verified(acme), jti="1")
            assert await status(api, old) == 200
            left = idp.token(**verified(acme), jti="2")
            idp.rotate(forget=True)
            assert await status(api, idp.token(**verified(acme))) == 200
            assert await status(api, left) == 401


async def test_unknown_keys_do_not_make_the_issuer_be_asked_again_and_again(database: str) -> None:
    with issuer() as idp:
        async with world(database, tokens=reading(idp, pause=60.0)) as api:
            acme = await api.company()
            await member(acme)
            assert await status(api, idp.token(**verified(acme))) == 200
            for n in range(20):
                assert await status(api, idp.token(header={"kid": f"made-up-{n}"}, **verified(acme))) == 401
            assert idp.fetched() == 1


async def test_a_verified_token_is_not_verified_again(api: World, acme: Company, idp: Issuer) -> None:
    await member(acme)
    token = idp.token(**verified(acme))
    assert await status(api, token) == 200
    tokens = api.deps.tokens
    assert isinstance(tokens, Tokens)
    tokens._keys = None  # type: ignore[assignment]  # whoever asks for a key now fails
    assert await status(api, token) == 200


async def test_while_the_issuer_is_down_known_keys_go_on(database: str) -> None:
    with issuer() as idp:
        async with world(database, tokens=reading(idp)) as api:
            acme = await api.company()
            await member(acme)
            assert await status(api, idp.token(**verified(acme), jti="1")) == 200
            later, unknown = idp.token(**verified(acme), jti="2"), idp.token(header={"kid": "new"}, **verified(acme))
            idp.end()
            assert await status(api, later) == 200
            assert await status(api, unknown) == 401


async def test_an_issuer_that_never_answered_is_a_problem_of_its_own_and_keys_still_open(database: str) -> None:
    with issuer() as idp:
        async with world(database, tokens=reading(idp)) as api:
            acme = await api.company()
            token = idp.token(**verified(acme))
            idp.end()
            answer = await api.as_(token).get("/v1/me")
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/issuer_unavailable")
            assert answer.headers["retry-after"] == "1"
            assert await status(api, acme.key) == 200


async def test_an_issuer_that_hangs_holds_nobody_up_for_long(database: str) -> None:
    with issuer() as idp:
        async with world(database, tokens=reading(idp)) as api:
            acme = await api.company()
            token = idp.token(**verified(acme))
            os.kill(idp.process.pid, signal.SIGSTOP)
            async with asyncio.timeout(5):
                assert await status(api, token) == 503


async def test_an_issuer_that_says_it_is_another_is_not_believed(database: str) -> None:
    with issuer() as idp:
        idp.post("/say", {"issuer": "https://elsewhere.example"})
        async with world(database, tokens=reading(idp)) as api:
            acme = await api.company()
            await member(acme)
            assert await status(api, idp.token(**verified(acme))) == 503


async def test_the_program_takes_tokens_of_the_issuer_that_it_is_set_up_with(database: str, idp: Issuer) -> None:
    async with program(database, Settings(oidc_issuer=idp.name, oidc_audience="ashiato")) as running:
        visitor = client(running.app)
        api = World(running.app, None, visitor, database)  # type: ignore[arg-type]  # its parts are not asked for
        acme = await api.company()
        await member(acme)
        assert await status(api, idp.token(**verified(acme))) == 200
        assert await status(api, idp.token(**verified(acme), aud="payroll")) == 401


async def test_without_an_issuer_no_token_opens_anything(database: str, idp: Issuer) -> None:
    async with world(database) as api:
        acme = await api.company()
        await member(acme)
        assert await status(api, idp.token(**verified(acme))) == 401
