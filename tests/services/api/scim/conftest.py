"""A server with a company, as tests of the API have it, and its directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.services.api.conftest import acme, api, other  # noqa: F401  # the same fixtures
from tests.services.api.world import Company

USERS = "/scim/v2/Users"


@dataclass(frozen=True)
class Directory:
    """What a company's identity provider sends."""

    company: Company

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """A request below /Users, as it is."""
        sent = {"content-type": "application/scim+json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.company.client.request(method, f"{USERS}{path}", json=body, headers=sent)

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The answer's body; the request must succeed."""
        answer = await self.send(method, path, body, **headers)
        assert answer.status_code < 300, answer.text
        assert answer.headers["content-type"] == "application/scim+json"
        return dict(answer.json())

    async def made(self, name: str = "yui", **more: Any) -> dict[str, Any]:
        """A user who was created."""
        body = {"userName": f"{name}@acme.example", "displayName": name, "externalId": f"ext-{name}", **more}
        return await self.ok("POST", "", body)

    async def patched(self, user: Mapping[str, Any], *operations: Mapping[str, Any]) -> dict[str, Any]:
        """A user after some operations."""
        return await self.ok("PATCH", f"/{user['id']}", {"Operations": list(operations)})

    async def found(self, asked: str, **more: str) -> list[str]:
        """The user names that a filter finds."""
        answer = await self.company.client.get(USERS, params={"filter": asked, **more})
        assert answer.status_code == 200, answer.text
        return [user["userName"] for user in answer.json()["Resources"]]

    async def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str | None]:
        """The status and SCIM's word of a refusal, which is in SCIM's form."""
        answer = await self.send(method, path, body, **headers)
        told = answer.json()
        assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert told["status"] == str(answer.status_code)
        assert told["detail"].startswith("expected")
        return answer.status_code, told.get("scimType")


@pytest.fixture
def directory(acme: Company) -> Directory:  # noqa: F811
    """The directory of the company."""
    return Directory(acme)
