"""The page of progress refreshes itself by the feed of who is signed in, and works as it is without."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx2
import pytest

from domain.ids import MemberId, TenantId
from services.feeding.limits import Limits
from tests.services.api.people import join
from tests.services.api.world import Company
from tests.services.feeding.listening import Running, client, listening, running

QUICK = Limits(check=0.05, gather=0.0)
LIVE = re.compile(r'<div id="live" data-feed="([^"]+)" hidden></div>')
SCRIPTS = "script-src 'self'; connect-src 'self'"


@asynccontextmanager
async def signed_in(server: Running, acme: Company, member: str = "") -> AsyncIterator[httpx2.AsyncClient]:
    """A browser with a session."""
    who = MemberId(member or acme.owner)
    link = await server.program.links.issue(TenantId(acme.tenant), who, server.now())
    async with client(server.address) as browser:
        assert (await browser.get(link)).status_code == 200
        yield browser


def feed_of(page: httpx2.Response) -> str:
    """Where a page listens."""
    found = LIVE.search(page.text)
    assert found is not None
    return unescape(found[1])


async def test_a_page_hears_what_it_does_not_show_yet(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        await server.shown(acme)
        async with signed_in(server, acme) as browser:
            page = await browser.get("/console/")
            run = await acme.run()
            async with listening(browser, path=feed_of(page)) as feed:
                await feed.through(server.events(acme))
            assert run in (await browser.get("/console/")).text
            assert run not in page.text


async def test_only_a_page_that_refreshes_itself_runs_a_script_and_only_ours(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        await server.shown(acme)
        async with signed_in(server, acme) as browser:
            page = await browser.get("/console/")
            assert page.headers["content-security-policy"].endswith(SCRIPTS)
            assert "unsafe" not in page.headers["content-security-policy"]
            [script] = re.findall(r"<script[^>]*>", page.text)
            found = re.fullmatch(r'<script src="(/console/static/fresh\.js\?v=[0-9a-f]{12})" defer>', script)
            assert found is not None
            assert (await browser.get(found[1])).headers["content-type"] == "text/javascript; charset=utf-8"
            for path in ("?as_of=1", "tasks", "trail", "seats"):
                other = await browser.get(f"/console/{path}")
                assert "script" not in other.headers["content-security-policy"]
                assert "<script" not in other.text


async def test_who_is_not_signed_in_hears_nothing(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        assert (await server.client.get("/console/feed")).status_code == 401
        assert (await acme.client.get("/console/feed")).status_code == 401  # a key is no session
        async with signed_in(server, acme) as browser:
            assert (await browser.get("/console/feed?after=x")).status_code == 422


@pytest.mark.parametrize("end", ["left", "deactivated"])
async def test_a_feed_ends_with_the_session(database: str, end: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        member = await join(server, acme, "member")
        await server.shown(acme)
        async with signed_in(server, acme, member.id) as browser, listening(browser, path="/console/feed") as feed:
            if end == "left":
                await browser.post("/console/leave")
            else:
                await acme.ok("DELETE", f"/v1/members/{member.id}", {"reason": "退職"})
            *_, last = await feed.rest()
            assert last.problem == ("unauthenticated" if end == "left" else "not_permitted")


async def test_what_an_auditor_hears_in_the_console_is_on_record(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        auditor = await join(server, acme, "auditor")
        last = await server.shown(acme)
        async with (
            signed_in(server, acme, auditor.id) as browser,
            listening(browser, last, path="/console/feed") as feed,
        ):
            await acme.run()
            heard = await feed.through(server.events(acme))
        reads = (await acme.ok("GET", "/v1/reads?what=console:feed"))["items"]
        assert reads[-1]["asked"] == {"after": str(last)}
        assert max(int(read["asked"].get("through", 0)) for read in reads) == heard[-1]
