"""For each route a request that would succeed, whoever may send it: so that a "no" can only come from the permission.

A new route that needs more than its sample (samples.py) gets a line in STAGES.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.ids import uuid7
from services.api.endpoint import Endpoint
from tests.services.api import duty_stages, keeping_stages
from tests.services.api.samples import bodies, path
from tests.services.api.stage import REASON, Asking, Prepare, Stage
from tests.services.api.world import definition


def a_step(name: str, action: str, **body: Any) -> Prepare:
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
    "erase_person": keeping_stages.erasing,
    "set_anchor_webhook": keeping_stages.anchoring,
    "set_hold": keeping_stages.holding,
    "release_hold": keeping_stages.releasing,
    "set_retention": keeping_stages.retaining,
    "announce_end": keeping_stages.leaving,
    "withdraw_end": keeping_stages.staying,
    "cancel_run": cancelling,
    "cancel_export": keeping_stages.of_an_export("/cancellation"),
    "get_export": keeping_stages.of_an_export(""),
    "get_export_bundle": keeping_stages.a_bundle,
    "hand_over": duty_stages.handing,
    "preview_handover": duty_stages.a_preview,
    "undo_handover": duty_stages.undoing,
    "move_steps": duty_stages.moving("/v1/load/moves"),
    "preview_moves": duty_stages.moving("/v1/load/moves/preview"),
    "get_handover": duty_stages.of_a_handover(""),
    "handover_steps": duty_stages.of_a_handover("/steps"),
    "handover_proof": duty_stages.of_a_handover("/proof"),
    "set_absence": duty_stages.an_absence,
    "end_absence": duty_stages.an_end,
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
