"""What an auditor looks at in the console is on record before it is shown, and the record has a page."""

from datetime import timedelta

import psycopg
import pytest
from fastapi import FastAPI

from commands.access import ExtendAccess
from domain.ids import MemberId
from infra.read_store.access_log import AccessLog
from queries.reads import reads
from services.console.deps import Deps
from services.console.routes import console_router
from tests.services.console.looking import Office, office, text_of, visitor

LOOKS = ("", "trail", "seats", "evidence", "reads")


async def noted(o: Office) -> list[tuple[str, dict[str, str]]]:
    return [(row.what, row.asked) for row in await reads(o.world.ask, o.company.tenant)]


@pytest.mark.parametrize("page", [*LOOKS, "run"])
async def test_no_page_is_shown_to_an_auditor_without_a_record(database: str, page: str) -> None:
    async with office(database) as o:
        auditor = await o.company.hire("監査 人", "auditor")
        path = f"runs/{o.leaving}" if page == "run" else page
        shown = await o.see(path, auditor)
        assert shown.status_code == 200
        asked = {"run": str(o.leaving)} if page == "run" else {}
        assert await noted(o) == [(f"console:{'runs/{run}' if page == 'run' else page or 'progress'}", asked)]


async def test_nobody_elses_looks_are_on_record(database: str) -> None:
    async with office(database) as o:
        for member in (o.manager, o.worker, o.company.owner):
            await o.see("", member)
        assert await noted(o) == []


async def test_the_page_tells_who_looked_at_what(database: str) -> None:
    async with office(database) as o:
        auditor = await o.company.hire("監査 人", "auditor")
        await o.see("trail", auditor, reason="書類")
        await o.world.shown()
        text = text_of(await o.see("reads"))
        assert "監査 人" in text
        assert "console:trail" in text
        assert "reason=(2 characters)" in text  # who was typed may be erased one day, and the record is not
        assert "書類" not in text
        assert "時点の記録を表示しています" not in text_of(await o.see("reads", as_of="#2"))


async def test_the_record_is_shown_page_by_page(database: str) -> None:
    async with office(database) as o:
        auditor = await o.company.hire("監査 人", "auditor")
        access = AccessLog(o.world.connections)
        for n in range(120):
            at = o.now() + timedelta(seconds=n)
            await access.note(o.company.tenant, auditor, "list_runs", {"n": str(n)}, at)
        async with o.browser(o.company.owner) as client:
            first = await client.get("/console/reads")
            link = first.text.rpartition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
            second = await client.get(link)
        assert [first.text.count("list_runs"), second.text.count("list_runs")] == [100, 20]
        assert (await o.see("reads", after="nowhere")).status_code == 400


async def looking(o: Office, access: AccessLog | None, member: MemberId) -> int:
    app = FastAPI()
    deps = Deps(o.world.ask, o.world.commands, o.now, o.links, o.world.streams, access)
    app.include_router(console_router(deps))
    async with visitor(app) as client:
        await client.get(await o.links.issue(o.company.tenant, member, o.now()))
        return (await client.get("/console/")).status_code


async def test_a_look_that_cannot_be_put_on_record_is_not_answered(database: str) -> None:
    async with office(database) as o:
        auditor = await o.company.hire("監査 人", "auditor")
        assert await looking(o, None, auditor) == 503
        assert await looking(o, None, o.manager) == 200
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("ALTER TABLE public.auditor_reads RENAME TO elsewhere")
        assert await looking(o, AccessLog(o.world.connections), auditor) == 503


async def test_an_auditors_session_ends_with_their_access(database: str) -> None:
    async with office(database) as o:
        auditor = await o.company.hire("監査 人", "auditor")
        soon = o.now() + timedelta(hours=1)
        await o.company.do(ExtendAccess(auditor, soon), reason="短縮")
        async with o.browser(auditor) as client:
            assert (await client.get("/console/")).status_code == 200
            o.company.later(hours=2)
            over = await client.get("/console/", params={"lang": "en"})
        assert over.status_code == 403
        assert "Your access has ended" in over.text
