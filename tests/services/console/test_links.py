"""One-time links and the sessions they open."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio

from domain.ids import MemberId, TenantId
from infra.event_store.reader import pool
from infra.ids import uuid7
from services.console.links import Links
from tests.services.console.looking import office, text_of, visitor

NOW = datetime(2026, 4, 6, tzinfo=UTC)
TENANT, MEMBER = TenantId(uuid7()), MemberId(uuid7())


@pytest_asyncio.fixture
async def links(module_database: str) -> AsyncIterator[Links]:
    async with pool(module_database) as connections:
        yield Links(connections)


def token_of(link: str) -> str:
    return link.partition("token=")[2]


async def entered(links: Links) -> str:
    """A session that a new link opened."""
    session = await links.enter(token_of(await links.issue(TENANT, MEMBER, NOW)), NOW)
    assert session is not None
    return session


async def test_a_link_opens_one_session(links: Links) -> None:
    token = token_of(await links.issue(TENANT, MEMBER, NOW))
    session = await links.enter(token, NOW)
    assert session is not None
    found = await links.session(session, NOW)
    assert found is not None
    assert (found.tenant, found.member) == (TENANT, MEMBER)
    assert await links.enter(token, NOW) is None


async def test_a_link_that_many_open_at_once_lets_one_in(links: Links) -> None:
    token = token_of(await links.issue(TENANT, MEMBER, NOW))
    opened = await asyncio.gather(*(links.enter(token, NOW) for _ in range(8)))
    assert len([session for session in opened if session]) == 1


async def test_links_and_sessions_outlive_the_process_that_made_them(module_database: str) -> None:
    async with pool(module_database) as connections:
        first = Links(connections)
        token, session = token_of(await first.issue(TENANT, MEMBER, NOW)), await entered(first)
    async with pool(module_database) as connections:
        later = Links(connections)
        assert await later.enter(token, NOW) is not None
        assert await later.session(session, NOW) is not None


async def test_the_database_holds_no_secret(links: Links, module_database: str) -> None:
    token, session = token_of(await links.issue(TENANT, MEMBER, NOW)), await entered(links)
    with psycopg.connect(module_database) as connection:
        held = str(connection.execute("SELECT p::text FROM console_passes p").fetchall())
    assert [secret for secret in (token, session) if secret in held or secret.encode().hex() in held] == []


async def test_a_link_expires(links: Links) -> None:
    token = token_of(await links.issue(TENANT, MEMBER, NOW))
    assert await links.enter(token, NOW + timedelta(minutes=15)) is None
    assert await links.enter(token, NOW) is None


async def test_a_session_expires(links: Links) -> None:
    session = await entered(links)
    assert await links.session(session, NOW + timedelta(hours=11, minutes=59)) is not None
    assert await links.session(session, NOW + timedelta(hours=12)) is None


async def test_a_session_that_was_left_is_over(links: Links) -> None:
    session = await entered(links)
    await links.leave(session)
    assert await links.session(session, NOW) is None


async def test_what_has_expired_is_forgotten(links: Links, module_database: str) -> None:
    await entered(links)
    await links.issue(TENANT, MEMBER, NOW + timedelta(days=1))
    with psycopg.connect(module_database) as connection:
        assert connection.execute("SELECT kind FROM console_passes").fetchall() == [("link",)]
        connection.execute("DELETE FROM console_passes")


async def test_a_links_token_is_no_session_nor_the_other_way_round(links: Links) -> None:
    assert await links.session(token_of(await links.issue(TENANT, MEMBER, NOW)), NOW) is None
    assert await links.enter(await entered(links), NOW) is None


async def test_tokens_have_256_bits(links: Links) -> None:
    tokens = {token_of(await links.issue(TENANT, MEMBER, NOW)) for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}


@pytest.mark.parametrize("token", ["", "x", "\udc80", "é" * 1000])
async def test_any_other_token_opens_nothing(links: Links, token: str) -> None:
    assert await links.enter(token, NOW) is None
    assert await links.session(token, NOW) is None


async def test_entering_sets_a_cookie_that_scripts_and_other_sites_never_get(database: str) -> None:
    async with office(database) as o, visitor(o.app) as client:
        entered = await client.get(await o.links.issue(o.company.tenant, o.manager, o.now()))
        cookie = entered.headers["set-cookie"].lower()
        assert {"httponly", "samesite=strict", "path=/console"} <= {part.strip() for part in cookie.split(";")}


async def test_a_link_that_was_used_says_how_to_get_another(database: str) -> None:
    async with office(database) as o, visitor(o.app) as client:
        link = await o.links.issue(o.company.tenant, o.manager, o.now())
        assert (await client.get(link)).status_code == 200
        again = await client.get(link)
        assert again.status_code == 401
        assert "ashiato link" in text_of(again)


@pytest.mark.parametrize("path", ["", "tasks", "trail", "seats", "runs/x"])
async def test_without_a_session_no_page_says_anything_but_how_to_get_one(database: str, path: str) -> None:
    async with office(database) as o, visitor(o.app) as client:
        client.cookies.set("ashiato_session", "guessed")
        page = await client.get(f"/console/{path}")
        assert page.status_code == 401
        assert "ashiato link" in text_of(page)
        assert "あしあと" not in text_of(page)


async def test_who_leaves_is_out(database: str) -> None:
    async with office(database) as o, o.browser(o.manager) as client:
        session = client.cookies["ashiato_session"]
        left = await client.post("/console/leave")
        assert left.status_code == 303
        client.cookies.set("ashiato_session", session)
        assert (await client.get("/console/")).status_code == 401
