"""One-time links and the sessions they open."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ids import MemberId, TenantId
from services.console.links import Links
from tests.services.console.looking import office, text_of, visitor

NOW = datetime(2026, 4, 6, tzinfo=UTC)
TENANT, MEMBER = TenantId("t"), MemberId("m")


def token_of(link: str) -> str:
    return link.partition("token=")[2]


def test_a_link_opens_one_session() -> None:
    links = Links()
    token = token_of(links.issue(TENANT, MEMBER, NOW))
    session = links.enter(token, NOW)
    assert session is not None
    found = links.session(session, NOW)
    assert found is not None
    assert (found.tenant, found.member) == (TENANT, MEMBER)
    assert links.enter(token, NOW) is None


def test_a_link_expires() -> None:
    links = Links(link_lives=timedelta(minutes=15))
    token = token_of(links.issue(TENANT, MEMBER, NOW))
    assert links.enter(token, NOW + timedelta(minutes=15)) is None
    assert links.enter(token, NOW) is None


def test_a_session_expires() -> None:
    links = Links(session_lives=timedelta(hours=12))
    session = links.enter(token_of(links.issue(TENANT, MEMBER, NOW)), NOW)
    assert session is not None
    assert links.session(session, NOW + timedelta(hours=11, minutes=59)) is not None
    assert links.session(session, NOW + timedelta(hours=12)) is None


def test_a_session_that_was_left_is_over() -> None:
    links = Links()
    session = links.enter(token_of(links.issue(TENANT, MEMBER, NOW)), NOW)
    assert session is not None
    links.leave(session, NOW)
    assert links.session(session, NOW) is None


def test_the_oldest_go_when_there_are_too_many() -> None:
    links = Links(most_links=2)
    first, second, third = [token_of(links.issue(TENANT, MEMBER, NOW)) for _ in range(3)]
    assert links.enter(first, NOW) is None
    assert links.enter(second, NOW) is not None
    assert links.enter(third, NOW) is not None


def test_a_links_token_is_no_session() -> None:
    links = Links()
    assert links.session(token_of(links.issue(TENANT, MEMBER, NOW)), NOW) is None


def test_tokens_have_256_bits() -> None:
    tokens = {token_of(Links().issue(TENANT, MEMBER, NOW)) for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


@pytest.mark.parametrize("token", ["", "x", "\udc80", "é" * 1000])
def test_any_other_token_opens_nothing(token: str) -> None:
    assert Links().enter(token, NOW) is None


async def test_entering_sets_a_cookie_that_scripts_and_other_sites_never_get(database: str) -> None:
    async with office(database) as o, visitor(o.app) as client:
        entered = await client.get(o.links.issue(o.company.tenant, o.manager, o.now()))
        cookie = entered.headers["set-cookie"].lower()
        assert {"httponly", "samesite=strict", "path=/console"} <= {part.strip() for part in cookie.split(";")}


async def test_a_link_that_was_used_says_how_to_get_another(database: str) -> None:
    async with office(database) as o, visitor(o.app) as client:
        link = o.links.issue(o.company.tenant, o.manager, o.now())
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
