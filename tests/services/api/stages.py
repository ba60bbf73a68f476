"""For each route a request that would succeed, whoever may send it: so that a "no" can only come from the permission.

A new route that needs more than its sample (samples.py) gets a line in STAGES.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.tenants.permissions import DOERS, MAY
from infra.ids import uuid7
from services.api.endpoint import Endpoint
from tests.services.api.people import Person, a_made_export, join
from tests.services.api.samples import bodies, path
from tests.services.api.world import Company, World, definition

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


def a_step(name: str, action: str, **body: Any) -> "Prepare":
    """A command on a step that is ready."""

    async def prepare(stage: Stage) -> Asking:
        return f"/v1/runs/{await stage.run(name)}/steps/{name}/{action}", body

    return prepare


async def reopening(stage: Stage) -> Asking:
    """The step before the asker's is done."""
    return f"/v1/runs/{await stage.run('second')}/steps/first/reopening", REASON


async def taking(stage: Stage) -> Asking:
    """A step that nobody has, of a role that the asker holds."""
    await stage.acme.ok("PUT", "/v1/roles/open-to-all", {"members": [stage.doer]})
    role = {"id": "open-to-all", "title": "担当", "rule": "open"}
    steps = [{"id": "first", "title": "書類", "role": "open-to-all"}]
    return f"/v1/runs/{await stage.run(roles=[role], steps=steps)}/steps/first/taking", {}


async def promotion(stage: Stage) -> Asking:
    """Of a member."""
    return f"/v1/members/{(await stage.person()).id}/permission", {"permission": "manager", **REASON}


async def deactivation(stage: Stage) -> Asking:
    """Of a member."""
    return f"/v1/members/{(await stage.person()).id}", REASON


async def reassignment(stage: Stage) -> Asking:
    """To somebody else."""
    body = {"member": (await stage.person()).id, **REASON}
    return f"/v1/runs/{await stage.run()}/steps/first/assignee", body


async def reactivation(stage: Stage) -> Asking:
    """Of someone who left."""
    left = await stage.person()
    await stage.acme.ok("DELETE", f"/v1/members/{left.id}", REASON)
    return f"/v1/members/{left.id}/activation", {}


async def extension(stage: Stage) -> Asking:
    """Of an auditor's access."""
    ends = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return f"/v1/members/{(await stage.person('auditor')).id}/access-end", {"ends_at": ends, **REASON}


async def linking(stage: Stage) -> Asking:
    """With a subject that nobody has."""
    body = {"issuer": "https://id.example", "subject": uuid7(), **REASON}
    return f"/v1/members/{(await stage.person()).id}/identity", body


async def unlinking(stage: Stage) -> Asking:
    """Of someone who is linked."""
    where, body = await linking(stage)
    await stage.acme.ok("PUT", where, body)
    return where, REASON


async def revoking(stage: Stage) -> Asking:
    """One's own second key."""
    made = await stage.asker.client.post("/v1/api-keys", json={"label": "x"})
    return f"/v1/api-keys/{made.json()['key']}", {}


async def draft(stage: Stage) -> Asking:
    """Of a new procedure."""
    return f"/v1/procedures/{uuid7()}/draft", {"definition": definition(stage.acme.owner)}


async def publication(stage: Stage) -> Asking:
    """Of a draft."""
    where, body = await draft(stage)
    await stage.acme.ok("PUT", where, body)
    return where.replace("/draft", "/publication"), {}


async def retirement(stage: Stage) -> Asking:
    """Of a procedure that is published."""
    return f"/v1/procedures/{await stage.acme.procedure()}", REASON


async def a_start(stage: Stage) -> Asking:
    """Of a run under a new id."""
    body = {"procedure": await stage.acme.procedure(), "subject": "x", "anchors": {"day": "2026-04-01"}}
    return f"/v1/runs/{uuid7()}", body


async def another_start(stage: Stage) -> Asking:
    """The same without an id of one's own."""
    return "/v1/runs", (await a_start(stage))[1]


async def an_invitation(stage: Stage) -> Asking:
    """Of someone with a new address."""
    return "/v1/members", {"name": "New", "email": f"{uuid7()}@acme.example"}


async def a_department(_: Stage) -> Asking:
    """A new one."""
    return f"/v1/departments/d{uuid7()[-8:]}", {"title": "新設"}


async def a_key(_: Stage) -> Asking:
    """One's own."""
    return "/v1/api-keys", {"label": "x"}


async def plan(stage: Stage) -> Asking:
    """A smaller one than the company has; nothing else is put off."""
    await stage.acme.client.request("DELETE", "/v1/plan/pending", json=REASON)
    return "/v1/plan", {"plan": "pro", **REASON}


async def withdrawal(stage: Stage) -> Asking:
    """Of a change that is put off."""
    await stage.acme.ok("PUT", *(await plan(stage)))
    return "/v1/plan/pending", REASON


async def cancellation(stage: Stage) -> Asking:
    """Of the plan."""
    return (await plan(stage))[0], REASON


async def on_a_run(stage: Stage) -> str:
    """A run that the asker may see."""
    return f"/v1/runs/{await stage.run()}"


async def cancelling(stage: Stage) -> Asking:
    """An open run."""
    return f"{await on_a_run(stage)}/cancellation", REASON


async def erasing(stage: Stage) -> Asking:
    """A former member, and the subject of a run that was cancelled."""
    left = (await stage.person()).id
    await stage.acme.ok("DELETE", f"/v1/members/{left}", REASON)
    run = await stage.run()
    await stage.acme.ok("PUT", f"/v1/runs/{run}/cancellation", REASON)
    return "/v1/erasures", {"member": left, "runs": [run], **REASON}


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


def of_an_export(suffix: str) -> "Prepare":
    """What is asked of one that waits."""

    async def prepare(stage: Stage) -> Asking:
        return f"/v1/exports/{await an_export(stage)}{suffix}", None

    return prepare


async def a_bundle(stage: Stage) -> Asking:
    """Of an export that is made."""
    return f"/v1/exports/{await a_made_export(stage.api, stage.acme)}/bundle", None


async def a_comment(stage: Stage) -> Asking:
    """On an open run."""
    return f"{await on_a_run(stage)}/comments", {"text": "確認"}


async def a_user(_: Stage) -> Asking:
    """Whom the directory brings in."""
    return "/scim/v2/Users", {"userName": f"{uuid7()}@acme.example", "displayName": "New"}


async def a_changed_user(stage: Stage) -> Asking:
    """Whom the directory calls something else."""
    body = {"userName": f"{uuid7()}@acme.example", "displayName": "Other", "active": True}
    return f"/scim/v2/Users/{(await stage.person()).id}", body


async def a_patched_user(stage: Stage) -> Asking:
    """The same, in a patch."""
    operation = {"op": "replace", "path": "displayName", "value": "Other"}
    return f"/scim/v2/Users/{(await stage.person()).id}", {"Operations": [operation]}


async def a_removed_user(stage: Stage) -> Asking:
    """Whom the directory deletes."""
    return f"/scim/v2/Users/{(await stage.person()).id}", None


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


def of_a_handover(suffix: str) -> "Prepare":
    """Reads about one's own handover."""

    async def prepare(stage: Stage) -> Asking:
        return f"/v1/handovers/{await handed(stage)}{suffix}", None

    return prepare


def moving(path: str) -> "Prepare":
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


Prepare = Callable[[Stage], Awaitable[Asking]]
STAGES: Mapping[str, Prepare] = {
    "choose_plan": plan,
    "withdraw_plan_change": withdrawal,
    "cancel_plan": cancellation,
    "add_department": a_department,
    "invite_member": an_invitation,
    "deactivate_member": deactivation,
    "reactivate_member": reactivation,
    "change_permission": promotion,
    "extend_access": extension,
    "link_identity": linking,
    "unlink_identity": unlinking,
    "issue_api_key": a_key,
    "revoke_api_key": revoking,
    "save_draft": draft,
    "publish_procedure": publication,
    "retire_procedure": retirement,
    "start_run": another_start,
    "start_run_as": a_start,
    "complete_step": a_step("first", "completion", values={"note": "済"}),
    "approve_step": a_step("approve", "approval"),
    "reject_step": a_step("approve", "rejection", **REASON),
    "send_back": a_step("second", "send-back", **REASON),
    "reopen_step": reopening,
    "skip_step": a_step("first", "skip", **REASON),
    "reassign_step": reassignment,
    "take_step": taking,
    "change_due_date": a_step("first", "due-date", due="2026-05-01", **REASON),
    "comment": a_comment,
    "erase_person": erasing,
    "set_hold": holding,
    "release_hold": releasing,
    "set_retention": retaining,
    "announce_end": leaving,
    "withdraw_end": staying,
    "cancel_run": cancelling,
    "cancel_export": of_an_export("/cancellation"),
    "get_export": of_an_export(""),
    "get_export_bundle": a_bundle,
    "hand_over": handing,
    "preview_handover": a_preview,
    "undo_handover": undoing,
    "move_steps": moving("/v1/load/moves"),
    "preview_moves": moving("/v1/load/moves/preview"),
    "get_handover": of_a_handover(""),
    "handover_steps": of_a_handover("/steps"),
    "handover_proof": of_a_handover("/proof"),
    "set_absence": an_absence,
    "end_absence": an_end,
    "scim_create": a_user,
    "scim_replace": a_changed_user,
    "scim_patch": a_patched_user,
    "scim_delete": a_removed_user,
}


async def prepared(stage: Stage, endpoint: Endpoint) -> Asking:
    """What to ask; reads are of a run, and its procedure, that the asker may see, and that is in the read models."""
    if endpoint.name in STAGES:
        return await STAGES[endpoint.name](stage)
    run = await stage.run()
    procedure = (await stage.acme.ok("GET", f"/v1/runs/{run}?wait_for={stage.api.events()}"))["run"]["procedure_id"]
    ids = {"run": run, "procedure": procedure, "member": stage.asker.id, "key": stage.asker.id}
    return path(endpoint, ids), bodies(ids).get(endpoint.name)
