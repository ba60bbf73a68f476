"""Exports over the API, and an exporter that looks when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection

from infra.settings import Settings
from services.api.deps import now
from services.exporter import Exporter, exporters_connection
from services.exports.store import Store
from tests.services.api.world import Company, Signing, World, world
from tests.services.commanding import PATIENCE_SECONDS

ABOUT = "tenant.export_"


@dataclass(frozen=True)
class Scene:
    """A server, the folder of its exports, and a connection for exporters."""

    api: World
    settings: Settings
    connection: AsyncConnection[Any]

    @property
    def folder(self) -> Path:
        """Where exports are."""
        return self.settings.exports_folder or Path()

    def files(self) -> list[str]:
        """The ends of the names of all that lies there."""
        return sorted(path.name.split(".", 1)[1] for path in self.folder.glob("*/*"))

    def exporter(self, at: datetime | None = None, lease: float = 30.0) -> Exporter:
        """One more; on a clock that stands still, or the machine's."""
        return Exporter(self.api.dsn, self.settings, self.api.deps.commands, (lambda: at) if at else now, lease)

    async def shown(self) -> None:
        """The read models hold all that happened, and all of it is signed."""
        if isinstance(self.api.deps.evidence, Signing):
            self.api.deps.evidence.sign()
        await self.api.deps.wait_for("00000000-0000-7000-8000-000000000000", 0, 5.0)  # type: ignore[arg-type]

    async def asked(self, company: Company, **what: Any) -> str:
        """The id of an export that is asked for, and waits."""
        answer = await company.client.post("/v1/exports", json=what)
        assert answer.status_code == 202, answer.text
        await self.shown()
        assert answer.headers["location"] == f"/v1/exports/{answer.json()['export']}"
        return str(answer.json()["export"])

    async def looked(self, exporter: Exporter | None = None) -> None:
        """An exporter went through all that waits, and read models show it."""
        await (exporter or self.exporter()).once(self.connection)
        await self.shown()

    async def made(self, company: Company, **what: Any) -> str:
        """The id of an export that is made."""
        export = await self.asked(company, **what)
        await self.looked()
        return export

    async def export(self, company: Company, export: str) -> dict[str, Any]:
        """What the API says of it."""
        return dict((await company.ok("GET", f"/v1/exports/{export}"))["export"])

    async def log(self, company: Company) -> list[dict[str, Any]]:
        """What the company's own log says of exports, in order; types without what they have in common."""
        await self.shown()
        items = (await company.ok("GET", "/v1/trail?limit=500"))["items"]
        found = [one for one in items if one["type"].startswith(ABOUT)]
        return [{**one, "type": one["type"].removeprefix(ABOUT)} for one in sorted(found, key=itemgetter("seq"))]

    async def types(self, company: Company) -> list[str]:
        """The types of that."""
        return [one["type"] for one in await self.log(company)]

    async def in_the_middle(self, company: Company, export: str) -> None:
        """Wait until all events of an export are read, and it is not made."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                told = await company.ok("GET", f"/v1/exports/{export}")
                far = told["progress"] or {}
                if far.get("total") and far["done"] == far["total"]:
                    return
                await asyncio.sleep(0.05)


@contextmanager
def held_up(dsn: str) -> Iterator[None]:
    """No export gets beyond its events: what else is in a bundle cannot be read."""
    with psycopg.connect(dsn) as connection:
        connection.execute("LOCK TABLE anchors")
        yield


@asynccontextmanager
async def scene(dsn: str, folder: Path) -> AsyncIterator[Scene]:
    """A server with exports."""
    settings = Settings(exports_folder=folder)
    async with world(dsn, exports=Store(folder)) as api, exporters_connection(dsn) as connection:
        yield Scene(api, settings, connection)
