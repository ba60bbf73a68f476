"""The API on a real database, in process, and companies that use it."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import psycopg
from fastapi import FastAPI

from infra.evidence.keyring import signing_key
from infra.evidence.reading import Evidence, Signed
from infra.evidence.rounds import sign_round
from infra.ids import uuid7
from infra.read_store.access_log import AccessLog
from infra.read_store.live import Live, connect, ensure
from infra.read_store.news import News
from infra.roles import ROLES, as_role
from projections.catalogue import PROJECTIONS
from services.api.app import Deps, Settings, create_app
from services.bootstrap import read_side, write_side
from services.exports.store import Store
from services.feeding.feeds import Feeds
from services.feeding.limits import Limits

BASE = "http://ashiato.test"
KEYS = TemporaryDirectory(prefix="ashiato-keys-")
SETTINGS = Settings(unknown_seconds=0.0, wait_seconds=0.2)
ENDS_AT_ONCE = Limits(lasts=0.0)
"""A feed tells what is there, and ends."""


@dataclass(frozen=True)
class Company:
    """A company that has signed up: a client with its owner's key, and its ids."""

    client: httpx2.AsyncClient
    tenant: str
    owner: str
    key: str

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer's body; the request must succeed."""
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text)
        return answer.json()

    async def adopted(self, code: str = "it-1") -> str:
        """A procedure of the starter library."""
        return str((await self.ok("POST", f"/v1/starter-procedures/{code}/adoption"))["procedure"])

    async def procedure(self, **changes: Any) -> str:
        """A published procedure: the owner does `first`, which asks for a text; then `second`; then `approve`."""
        procedure = uuid7()
        await self.ok("PUT", f"/v1/procedures/{procedure}/draft", {"definition": definition(self.owner) | changes})
        await self.ok("POST", f"/v1/procedures/{procedure}/publication")
        return procedure

    async def run(self, procedure: str | None = None) -> str:
        """A run of a procedure like the one above."""
        procedure = procedure or await self.procedure()
        body = {"procedure": procedure, "subject": "佐藤 花子", "anchors": {"day": "2026-04-01"}}
        return str((await self.ok("POST", "/v1/runs", body))["run"])


class Signing(Evidence):
    """Evidence of a log that is signed whenever it is asked for, as read models are brought up to date."""

    @classmethod
    @contextmanager
    def of(cls, dsn: str, connections: Any) -> Iterator["Signing"]:
        """With the database's key, which is there again when another server begins on it."""
        with psycopg.connect(as_role(dsn, ROLES.signer), autocommit=True) as connection:
            made = cls(connections)
            path = Path(KEYS.name) / f"{connection.info.dbname}.pem"
            key, signer = signing_key(connection, path, "ashiato.test")
            made.sign = lambda: sign_round(connection, key.name, [signer])
            yield made

    sign: Callable[[], object]

    async def checkpoint(
        self, tenant: str, size: int | None = None, as_of: int | datetime | None = None
    ) -> Signed | None:
        """After a round."""
        self.sign()
        return await super().checkpoint(tenant, size, as_of)


@dataclass(frozen=True)
class World:
    """One server."""

    app: FastAPI
    deps: Deps
    client: httpx2.AsyncClient
    dsn: str

    async def company(self, name: str = "Acme") -> Company:
        """A company that signs up."""
        owner = {"name": "Emi", "email": f"emi@{name.lower()}.example"}
        answer = await self.client.post("/v1/tenants", json={"company": name, "owner": owner})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Company(self.as_(made["secret"]), made["tenant"], made["member"], made["secret"])

    def as_(self, key: str) -> httpx2.AsyncClient:
        """A client that shows a key."""
        return client(self.app, {"authorization": f"Bearer {key}"})

    def events(self, company: Company | None = None) -> int:
        """How many events the log holds, or the company's part of it."""
        of = company.tenant if company else None
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute(
                "SELECT count(*) FROM events WHERE %s::uuid IS NULL OR tenant_id = %s", (of, of)
            ).fetchone()
        return int(row[0]) if row else 0


def client(app: FastAPI, headers: Mapping[str, str] | None = None) -> httpx2.AsyncClient:
    """A client that calls the application without a network."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url=BASE, headers=dict(headers or {}))


def definition(member: str) -> dict[str, Any]:
    """Three steps that `member` does: a form, a plain one, an approval."""
    return {
        "title": "入社",
        "department": "hr",
        "anchors": [{"id": "day", "title": "入社日"}],
        "roles": [{"id": "doer", "title": "担当", "rule": "member", "member": member}],
        "steps": [
            {
                "id": "first",
                "title": "書類",
                "role": "doer",
                "fields": [{"id": "note", "title": "メモ"}],
                "due": {"anchor": "day", "offset": -3, "unit": "business_days"},
            },
            {"id": "second", "title": "机", "role": "doer", "after": ["first"]},
            {"id": "approve", "title": "承認", "role": "doer", "after": ["second"], "approval": True},
        ],
    }


@asynccontextmanager
async def world(dsn: str, **changes: Any) -> AsyncIterator[World]:
    """A server on a migrated database; waiting for an event brings the read models up to date."""
    with connect(dsn) as connection:
        ensure(connection, PROJECTIONS)
    async with AsyncExitStack() as stack:
        write = await stack.enter_async_context(write_side(dsn))
        read = await stack.enter_async_context(read_side(dsn))
        live = stack.enter_context(Live(dsn, PROJECTIONS))

        async def wait_for(tenant: str, seq: int, patience: float) -> bool:
            while live.step():
                pass
            return await read.positions.wait_for(tenant, seq, patience)

        async def positions() -> Mapping[str, int]:
            return {"log": await read.positions.head(), **await read.positions.now()}

        access = AccessLog(write.connections)
        stack.push_async_callback(access.settled)
        feeds = Feeds(News(read.of_all_tenants, read.connections, read.positions), read.ask, ENDS_AT_ONCE)
        stack.push_async_callback(feeds.stop)
        deps = Deps(
            write.commands,
            read.ask,
            write.reader.read,
            wait_for,
            positions,
            writer=write.writer,
            access=access,
            feeds=feeds,
        )
        deps = replace(deps, exports=Store(Path(KEYS.name) / "exports"))
        deps = replace(deps, evidence=stack.enter_context(Signing.of(dsn, read.connections)))
        deps = replace(deps, **{"settings": SETTINGS, **changes})
        app = create_app(deps)
        yield World(app, deps, await stack.enter_async_context(client(app)), dsn)
