"""A request that fits each route that takes a body; ids in it are replaced by those asked about."""

from collections.abc import Mapping
from typing import Any

from services.api.endpoint import Endpoint
from tests.services.api.world import Company, definition

REASON = {"reason": "監査のため"}


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """The body for each route by its name; routes that are not here take none."""
    member = ids["member"]
    return {
        "sign_up": {"company": "Third", "owner": {"name": "Yui", "email": "yui@third.example"}},
        "invite_member": {"name": "Aiko", "email": "aiko@somewhere.example"},
        "accept_invitation": {"token": "x"},
        "change_permission": {"permission": "manager"},
        "extend_access": {"ends_at": "2099-01-01T00:00:00Z", **REASON},
        "link_identity": {"issuer": "https://id.example", "subject": "sub-1", **REASON},
        "add_department": {"title": "人事"},
        "set_role_holders": {"members": [member]},
        "choose_plan": {"plan": "pro"},
        "rehearse_plan": {"plan": "pro"},
        "issue_api_key": {"label": "mine", "member": member},
        "save_draft": {"definition": definition(member)},
        "start_run": {"procedure": ids["procedure"], "subject": "x", "anchors": {"day": "2026-04-01"}},
        "start_run_as": {"procedure": ids["procedure"], "subject": "x", "anchors": {"day": "2026-04-01"}},
        "complete_step": {"values": {"note": "a"}},
        "reassign_step": {"member": member, **REASON},
        "change_due_date": {"due": "2026-05-01", **REASON},
        "hand_over": {"member": member, "rules": [{"to": [member]}], **REASON},
        "preview_handover": {"member": member, "rules": [{"to": [member]}], **REASON},
        "move_steps": {"moves": [{"run": ids["run"], "step": "first", "to": member}], **REASON},
        "preview_moves": {"moves": [{"run": ids["run"], "step": "first", "to": member}], **REASON},
        "set_absence": {"from": "2026-04-01", "until": "2099-01-01", "delegates": [member]},
        "erase_person": {"member": member, **REASON},
        "set_hold": REASON,
        "set_retention": {"years": 7, **REASON},
        "ask_export": {"run": ids["run"], "formats": ["csv"]},
        "set_anchor_webhook": {"url": "https://anchors.example/ashiato", **REASON},
        "announce_end": {"keys_until": "2030-01-01T00:00:00Z", **REASON},
        "comment": {"text": "確認しました"},
        "scim_create": {"userName": "yui@somewhere.example", "displayName": "Yui", "externalId": "00u1"},
        "scim_replace": {"userName": "yui@elsewhere.example", "displayName": "Yui", "active": True},
        "scim_patch": {"Operations": [{"op": "replace", "path": "displayName", "value": "Yui"}]},
        "scim_search": {"filter": "active eq true"},
        "scim_search_users": {"filter": "active eq true"},
        **dict.fromkeys(WITH_A_REASON, REASON),
    }


WITH_A_REASON = (
    "reject_step",
    "send_back",
    "reopen_step",
    "skip_step",
    "cancel_run",
    "deactivate_member",
    "undo_handover",
    "unlink_identity",
    "release_hold",
    "withdraw_end",
    "close_tenant",
)


def path(endpoint: Endpoint, ids: Mapping[str, str]) -> str:
    """A route's path with these ids in it, and in its query."""
    known = {**SLUGS, **ids}
    filled = endpoint.path.format_map(known)
    named = [f"{query.name}={known[IN_QUERY[query.name]]}" for query in endpoint.query if query.name in IN_QUERY]
    return f"{filled}?{'&'.join(named)}" if named else filled


SLUGS = {
    "step": "first",
    "department": "hr",
    "role": "doer",
    "code": "it-1",
    "problem": "not_found",
    "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
    "kind": "User",
    "seq": "1",
    "hold": "0199a000-0000-7000-8000-000000000101",
    "export": "0199a000-0000-7000-8000-000000000102",
    "tenant": "0199a000-0000-7000-8000-000000000100",
}
IN_QUERY = {
    "procedure": "procedure",
    "assignee": "member",
    "stream": "run",
    "actor": "member",
    "step": "step",
    "member": "member",
    "run": "run",
}


async def ids_of(acme: Company) -> dict[str, str]:
    """One of each, of a company that has them."""
    procedure = await acme.procedure()
    run = await acme.run(procedure)
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "aiko@acme.example"})
    key = await acme.ok("POST", "/v1/api-keys", {"label": "second"})
    rules = {"member": invited["member"], "rules": [{"to": [acme.owner]}], "reason": "入社前"}
    handover = await acme.ok("POST", "/v1/handovers", rules)
    export = await acme.ok("POST", "/v1/exports")
    ids = {"member": invited["member"], "key": key["key"], "handover": handover["handover"]}
    return {"procedure": procedure, "run": run, "export": export["export"], **ids}
