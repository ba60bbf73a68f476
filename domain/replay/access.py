"""Who may do what since when, and by whom: what an access review asks, from the company's own events."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from domain.ids import DepartmentId, MemberId, RoleId
from domain.tenants import events as e
from domain.tenants.duty_events import RoleHoldersSet
from domain.tenants.permissions import Permission


class Since(NamedTuple):
    """The event that made it so: its sequence, when it was recorded, by whom, and why."""

    seq: int
    at: datetime
    by: MemberId | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member may do: permission, status and roles, each since an event; and how many keys open for them."""

    member: MemberId
    permission: Permission
    permission_since: Since
    status: str
    status_since: Since
    department: DepartmentId | None
    access_ends_at: datetime | None = None
    roles: dict[RoleId, Since] = field(default_factory=dict)
    keys: int = 0


def review(told: Iterable[tuple[Any, Since]]) -> list[Standing]:
    """Every member's standing after these events of the company, in the order in which they came."""
    standing: dict[MemberId, Standing] = {}
    holders: dict[RoleId, tuple[MemberId, ...]] = {}
    keys: dict[str, MemberId] = {}
    roles: dict[tuple[RoleId, MemberId], Since] = {}
    for event, since in told:
        match event:
            case e.MemberJoined() | e.MemberInvited() | e.MemberProvisioned():
                standing[event.member] = _came(event, since, standing.get(event.member))
            case RoleHoldersSet():
                for member in event.new:
                    if member not in holders.get(event.role, ()):
                        roles[event.role, member] = since
                holders[event.role] = event.new
            case e.ApiKeyIssued():
                keys[event.key] = event.member
            case e.ApiKeyRevoked():
                keys.pop(event.key, None)
            case _:
                _changed(event, since, standing)
    return [_with_roles(one, holders, roles, keys) for one in standing.values()]


STATUS = {
    e.InvitationAccepted: "active",
    e.InvitationExpired: "expired",
    e.MemberDeactivated: "deactivated",
    e.MemberReactivated: "active",
}


def _came(event: Any, since: Since, known: Standing | None) -> Standing:
    status = {e.MemberJoined: "active", e.MemberInvited: "invited"}.get(type(event))
    status = status or ("active" if event.active else "deactivated")
    kept = known is not None and known.permission == event.permission
    permission_since = known.permission_since if known and kept else since
    return Standing(event.member, event.permission, permission_since, status, since, event.department)


def _changed(event: Any, since: Since, standing: dict[MemberId, Standing]) -> None:
    """What happens to one who is there."""
    known = standing.get(getattr(event, "member", None) or MemberId(""))
    if known is None:
        return
    match event:
        case e.PermissionChanged():
            known = replace(known, permission=event.new, permission_since=since)
        case e.AccessEndSet():
            known = replace(known, access_ends_at=event.new)
        case e.MemberMoved():
            known = replace(known, department=event.new)
        case _ if type(event) in STATUS:
            known = replace(known, status=STATUS[type(event)], status_since=since)
    standing[known.member] = known


def _with_roles(
    one: Standing,
    holders: dict[RoleId, tuple[MemberId, ...]],
    roles: dict[tuple[RoleId, MemberId], Since],
    keys: dict[str, MemberId],
) -> Standing:
    held = {role: roles[role, one.member] for role, members in sorted(holders.items()) if one.member in members}
    return replace(one, roles=held, keys=sum(member == one.member for member in keys.values()))
