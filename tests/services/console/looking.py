"""A company with some history, and a browser without JavaScript to look at it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from commands import runs as r
from commands import tenants as t
from domain.ids import MemberId, ProcedureId, RoleId, RunId, StepId
from infra.evidence.reading import Evidence
from infra.read_store.access_log import AccessLog
from infra.read_store.asking import reading_pool
from services.console.deps import Deps
from services.console.links import Links
from services.console.routes import console_router
from tests.queries.playing import OFFBOARDING, PURCHASE, Company, World, world

FIGURES = ("due", "subjects", "flow", "load", "dependence")
PAGES = ("", "tasks", *FIGURES, "trail", "seats", "evidence", "reads", "exports", "projections")


@dataclass
class Office:
    """The company, its people and runs, and who looks."""

    world: World
    company: Company
    app: FastAPI
    links: Links
    manager: MemberId
    worker: MemberId
    purchase: ProcedureId
    leaving: RunId
    buying: RunId
    before: datetime

    def now(self) -> datetime:
        """The instant at which the console is looked at."""
        return self.company.at

    @asynccontextmanager
    async def browser(self, member: MemberId | None = None) -> AsyncIterator[AsyncClient]:
        """A browser, signed in when a member is named."""
        async with visitor(self.app) as client:
            if member:
                entered = await client.get(await self.links.issue(self.company.tenant, member, self.now()))
                assert entered.status_code == 200
            yield client

    async def see(self, path: str, who: MemberId | None = None, /, **query: str) -> Response:
        """One page as the owner, or as another member, sees it."""
        async with self.browser(who or self.company.owner) as client:
            return await client.get(f"/console/{path}", params=query)


@asynccontextmanager
async def visitor(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A browser that nobody let in."""
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="http://console.test") as client:
        yield client


@asynccontextmanager
async def office(dsn: str, name: str = "株式会社あしあと", subject: str = "退職 太郎") -> AsyncIterator[Office]:
    """A company where someone leaves, late, and something is bought; `before` is the instant before all that."""
    async with world(dsn) as w, reading_pool(dsn, 1) as reading:
        company = await w.company()
        manager, worker = await company.hire(name, "manager"), await company.hire("働く 人")
        await company.do(t.SetRoleHolders(RoleId("hr"), (worker,)))
        await company.do(t.SetRoleHolders(RoleId("hr-manager"), (manager,)))
        await company.do(t.SetRoleHolders(RoleId("it"), (worker,)))
        procedures = [await company.publish(OFFBOARDING), await company.publish(PURCHASE)]
        before = company.at
        company.later(days=1)
        leaving = await company.start(procedures[0], subject, company.today + timedelta(days=5), by=manager)
        buying = await company.start(procedures[1], "椅子", company.today + timedelta(days=30))
        await company.do(r.CompleteStep(leaving, StepId("letter"), {"address": "東京都秘密町1-2-3"}), worker)
        await company.do(r.RejectStep(leaving, StepId("approval")), manager, "書類の不備")
        await company.do(r.CompleteStep(leaving, StepId("letter"), {"kind": "自己都合"}), worker)
        await company.invite("招かれた 人")
        await w.shown()
        links, app = Links(w.connections), FastAPI()
        access, evidence = AccessLog(w.connections), Evidence(reading)
        deps = Deps(w.ask, w.commands, lambda: company.at, links, w.streams, access, evidence=evidence)
        app.include_router(console_router(deps))
        yield Office(w, company, app, links, manager, worker, procedures[1], leaving, buying, before)


class _Text(HTMLParser):
    """The words of a page, and its elements."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._apart(tag)

    def handle_endtag(self, tag: str) -> None:
        self._apart(tag)

    def _apart(self, tag: str) -> None:
        """What stands in other elements is read apart, except a name within its sentence."""
        if tag != "bdi":
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def text_of(page: Response) -> str:
    """What a reader reads, its white space evened out."""
    parsed = _Text()
    parsed.feed(page.text)
    return re.sub(r"\s+", " ", "".join(parsed.words))


def elements_of(page: Response) -> list[tuple[str, dict[str, str | None]]]:
    """The page's elements, in order, with their attributes."""
    parsed = _Text()
    parsed.feed(page.text)
    return parsed.elements
