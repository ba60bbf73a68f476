"""Who may do what: one table, permission by command. A command that is not in it can't be carried out,
but for those of services, which no member may carry out at all: `domain/services.py`.

What depends on whom a command is about (an owner, oneself) is decided in `decisions.py`, `keys.py` and
`domain/duties`.
"""

from collections.abc import Mapping
from typing import Literal

Permission = Literal["owner", "admin", "manager", "member", "partner", "auditor"]

OWNERS: frozenset[Permission] = frozenset({"owner"})
ADMINS: frozenset[Permission] = OWNERS | {"admin"}
MANAGERS: frozenset[Permission] = ADMINS | {"manager"}
MEMBERS: frozenset[Permission] = MANAGERS | {"member"}
DOERS: frozenset[Permission] = MEMBERS | {"partner"}
EVERYONE: frozenset[Permission] = DOERS | {"auditor"}

SEATED = DOERS
"""Permissions that take a seat: whoever can complete steps. An auditor only reads, and takes none."""

TIME_BOXED: frozenset[Permission] = frozenset({"auditor"})
"""Permissions that end by themselves, at an instant that is set as they are given."""

OUTSIDE: frozenset[Permission] = frozenset({"partner"})
"""People from outside: for them there are no runs but those where they have a step."""

READING = "read_"
"""How rows of the table begin that let somebody see something and change nothing."""

MAY: Mapping[str, frozenset[Permission]] = {
    "choose_plan": ADMINS,
    "withdraw_plan_change": ADMINS,
    "cancel_plan": ADMINS,
    "add_department": ADMINS,
    "invite_member": ADMINS,
    "deactivate_member": ADMINS,
    "reactivate_member": ADMINS,
    "provision_member": ADMINS,
    "update_provisioned": ADMINS,
    "remove_provisioned": ADMINS,
    "change_permission": ADMINS,
    "extend_access": ADMINS,
    "link_identity": ADMINS,
    "unlink_identity": ADMINS,
    "set_role_holders": MANAGERS,
    "issue_api_key": EVERYONE,
    "revoke_api_key": EVERYONE,
    "hand_over": DOERS,
    "undo_handover": DOERS,
    "move_steps": MANAGERS,
    "set_absence": DOERS,
    "end_absence": DOERS,
    "save_draft": MANAGERS,
    "publish_procedure": MANAGERS,
    "retire_procedure": MANAGERS,
    "start_run": MEMBERS,
    "complete_step": DOERS,
    "approve_step": DOERS,
    "reject_step": DOERS,
    "send_back": DOERS,
    "take_step": DOERS,
    "comment": DOERS,
    "reopen_step": MANAGERS,
    "skip_step": MANAGERS,
    "reassign_step": MANAGERS,
    "change_due_date": MANAGERS,
    "cancel_run": MANAGERS,
    "erase_person": ADMINS,
    "set_hold": ADMINS,
    "release_hold": ADMINS,
    "set_retention": ADMINS,
    "announce_end": OWNERS,
    "withdraw_end": OWNERS,
    "ask_export": ADMINS | {"auditor"},
    "cancel_export": ADMINS | {"auditor"},
    "set_anchor_webhook": ADMINS,
    "read_dashboards": EVERYONE,
    "read_trail": MANAGERS | {"auditor"},
    "read_feed": EVERYONE,
    "read_seats": ADMINS | {"auditor"},
    "read_api_keys": EVERYONE,
    "read_reads": ADMINS | {"auditor"},
    "read_own_tasks": DOERS,
    "read_directory": ADMINS,
    "read_duties": EVERYONE,
    "read_load": MANAGERS | {"auditor"},
    "read_evidence": MANAGERS | {"auditor"},
    "read_projections": MANAGERS | {"auditor"},
    "read_exports": ADMINS | {"auditor"},
}

ALWAYS_OPEN = frozenset(
    {
        "choose_plan",
        "revoke_api_key",
        "deactivate_member",
        "update_provisioned",
        "remove_provisioned",
        "unlink_identity",
        "extend_access",
        "erase_person",
        "set_hold",
        "release_hold",
        "announce_end",
        "withdraw_end",
        "ask_export",
        "cancel_export",
        "set_anchor_webhook",
    }
)
"""Commands that work while the tenant is read-only: the way back, what protects it, audits, which go on, the rights
of people who ask to be erased, its end, and what it takes along. Once it was closed, none does.

Through the directory people can then only leave; `domain/tenants/provisioning.py` sees to that.
"""
