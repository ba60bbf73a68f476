"""Requests about duties that would succeed: handing over, moving, being away."""

from tests.services.api.stage import REASON, Asking, Prepare, Stage


async def handing(stage: Stage, path: str = "") -> Asking:
    """What the asker holds, to someone new."""
    await stage.run()
    body = {"member": stage.doer, "rules": [{"to": [(await stage.person()).id]}], **REASON}
    return f"/v1/handovers{path}", body


async def a_preview(stage: Stage) -> Asking:
    """Of the same."""
    return await handing(stage, "/preview")


async def handed(stage: Stage) -> str:
    """The id of a handover by the asker, or else by the owner."""
    by = stage.asker.client if stage.doer == stage.asker.id else stage.acme.client
    where, body = await handing(stage)
    made = await by.post(where, json=body)
    assert made.status_code == 201, made.text
    await stage.acme.ok("GET", f"/v1/departments?wait_for={stage.api.events()}")
    return str(made.json()["handover"])


async def undoing(stage: Stage) -> Asking:
    """Of one's own handover."""
    return f"/v1/handovers/{await handed(stage)}/undoing", REASON


def of_a_handover(suffix: str) -> Prepare:
    """Reads about one's own handover."""

    async def prepare(stage: Stage) -> Asking:
        return f"/v1/handovers/{await handed(stage)}{suffix}", None

    return prepare


def moving(path: str) -> Prepare:
    """A step to someone new."""

    async def prepare(stage: Stage) -> Asking:
        move = {"run": await stage.run(), "step": "first", "to": (await stage.person()).id}
        return path, {"moves": [move], **REASON}

    return prepare


async def an_absence(stage: Stage) -> Asking:
    """One's own."""
    body = {"from": "2027-04-01", "until": "2027-04-02", "delegates": [(await stage.person()).id], **REASON}
    return f"/v1/members/{stage.doer}/absence", body


async def an_end(stage: Stage) -> Asking:
    """Of one's own absence."""
    where, body = await an_absence(stage)
    await stage.acme.ok("PUT", where, body)
    return where, REASON
