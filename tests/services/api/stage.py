"""Who asks next, of which company: what requests that would succeed are made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from domain.tenants.permissions import DOERS
from infra.ids import uuid7
from tests.services.api.people import Person, join
from tests.services.api.world import Company, World

REASON = {"reason": "権限の確認"}
Asking = tuple[str, Any]
"""A path and a body."""


@dataclass(frozen=True)
class Stage:
    """A company, who asks next, and as what."""

    api: World
    acme: Company
    asker: Person
    permission: str

    @property
    def doer(self) -> str:
        """Who is given work: the asker, when they can do any."""
        return self.asker.id if self.permission in DOERS else self.acme.owner

    async def run(self, until: str = "first", **changes: Any) -> str:
        """A run whose step `until` is ready, and the asker's."""
        run = await self.acme.run(await self.acme.procedure(**changes))
        for step in ("first", "second", "approve"):
            if step == until:
                break
            await self.acme.ok("PUT", f"/v1/runs/{run}/steps/{step}/completion", {})
        if self.doer != self.acme.owner and not changes:
            await self.acme.ok("PUT", f"/v1/runs/{run}/steps/{until}/assignee", {"member": self.doer, **REASON})
        return run

    async def person(self, permission: str = "member") -> Person:
        """Someone new, to whom something is done."""
        return await join(self.api, self.acme, permission, f"P{uuid7()[-12:]}")


Prepare = Callable[[Stage], Awaitable[Asking]]
"""Makes what a request needs, and the request."""
