"""Requests about what is kept that would succeed: erasures, holds, a company's end, exports."""

from domain.tenants.permissions import MAY
from infra.ids import uuid7
from tests.services.api.people import a_made_export
from tests.services.api.stage import REASON, Asking, Prepare, Stage


async def erasing(stage: Stage) -> Asking:
    """A former member, and the subject of a run that was cancelled."""
    left = (await stage.person()).id
    await stage.acme.ok("DELETE", f"/v1/members/{left}", REASON)
    run = await stage.run()
    await stage.acme.ok("PUT", f"/v1/runs/{run}/cancellation", REASON)
    return "/v1/erasures", {"member": left, "runs": [run], **REASON}


async def anchoring(stage: Stage) -> Asking:
    """An address that checkpoints do not go to yet."""
    return "/v1/checkpoints/webhook", {"url": f"https://{uuid7()}.example/checkpoints", **REASON}


async def holding(stage: Stage) -> Asking:
    """Somebody whom nothing holds yet."""
    return "/v1/holds", {"member": (await stage.person()).id, **REASON}


async def retaining(stage: Stage) -> Asking:
    """A period that is not theirs yet."""
    return "/v1/retention", {"years": 1 + stage.api.events() % 90, **REASON}


async def leaving(stage: Stage) -> Asking:
    """A company that stays so far."""
    await stage.acme.ok("DELETE", "/v1/company/end", REASON)
    return "/v1/company/end", {"keys_until": "2030-01-01T00:00:00Z", **REASON}


async def releasing(stage: Stage) -> Asking:
    """A hold on somebody."""
    hold = (await stage.acme.ok("POST", "/v1/holds", (await holding(stage))[1]))["hold"]
    return f"/v1/holds/{hold}", REASON


async def staying(stage: Stage) -> Asking:
    """A company that was to leave."""
    await stage.acme.ok("PUT", "/v1/company/end", {"keys_until": "2030-01-01T00:00:00Z", **REASON})
    return "/v1/company/end", REASON


async def an_export(stage: Stage) -> str:
    """The id of an export by the asker, if they may, or else by the owner."""
    by = stage.asker.client if stage.permission in MAY["ask_export"] else stage.acme.client
    made = await by.post("/v1/exports", json={})
    assert made.status_code == 202, made.text
    await stage.acme.ok("GET", f"/v1/departments?wait_for={stage.api.events()}")
    return str(made.json()["export"])


def of_an_export(suffix: str) -> Prepare:
    """What is asked of one that waits."""

    async def prepare(stage: Stage) -> Asking:
        return f"/v1/exports/{await an_export(stage)}{suffix}", None

    return prepare


async def a_bundle(stage: Stage) -> Asking:
    """Of an export that is made."""
    return f"/v1/exports/{await a_made_export(stage.api, stage.acme)}/bundle", None
