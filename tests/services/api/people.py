"""One member of each permission in a company, with a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx2

from commands.exports import FinishExport
from domain.tenants.export_events import ExportMade
from domain.tenants.permissions import EVERYONE, Permission
from services.exports.ordering import by_exporter
from tests.services.api.world import Company, World

SCIM = "application/scim+json"
SAID = {"expected one of": "not_permitted", "expected a key": "key_limited"}


@dataclass(frozen=True)
class Person:
    """A member with a client that shows their key."""

    id: str
    client: httpx2.AsyncClient
    key: str


def problem(answer: httpx2.Response) -> str:
    """A refusal's code; of SCIM's errors, which have none, what their sentence tells."""
    if answer.headers["content-type"] != SCIM:
        return str(answer.json()["type"]).removeprefix("/problems/")
    told = answer.json()["detail"]
    return next((code for begins, code in SAID.items() if told.startswith(begins)), told)


async def join(api: World, acme: Company, permission: str, name: str = "", **more: str) -> Person:
    """Someone who is invited with a permission, and joins."""
    name = name or permission
    body = {"name": name, "email": f"{name.lower()}@acme.example", "permission": permission, **more}
    invited = await acme.ok("POST", "/v1/members", body)
    answer = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    return Person(invited["member"], api.as_(answer["secret"]), answer["secret"])


async def a_handover(api: World, acme: Company) -> str:
    """The id of a handover of what the owner holds."""
    to = await join(api, acme, "member", "Receiver")
    body = {"member": acme.owner, "rules": [{"to": [to.id]}], "reason": "引継ぎ"}
    return str((await acme.ok("POST", "/v1/handovers", body))["handover"])


async def a_made_export(api: World, acme: Company) -> str:
    """The id of an export that is made, of a few bytes."""
    export, digest = (await acme.ok("POST", "/v1/exports"))["export"], sha256(b"bundle").hexdigest()
    assert api.deps.exports is not None
    api.deps.exports.place(acme.tenant, export, 1)
    api.deps.exports.path(acme.tenant, export, digest).write_bytes(b"bundle")
    made = ExportMade(export, digest, 6, 1, 1, 1, 1, digest, datetime.now(UTC) + timedelta(days=1))
    await api.deps.commands.execute(by_exporter(acme.tenant, datetime.now(UTC)), FinishExport(made, 0))
    return str(export)


async def everyone(api: World, acme: Company) -> Mapping[Permission, Person]:
    """One of each; the owner is the one who signed up."""
    people: dict[Permission, Person] = {"owner": Person(acme.owner, acme.client, acme.key)}
    for permission in sorted(EVERYONE - {"owner"}):
        people[permission] = await join(api, acme, permission)
    return people
