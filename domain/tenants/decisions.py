"""What may happen to members: guards first, then the events. `[]` means it is already so.

Who may act at all is in `permitting.py`; what may happen to the company is in `company.py`, and to keys in `keys.py`.
"""

import hmac
import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

from domain.ids import DepartmentId, MemberId
from domain.reasons import need_reason
from domain.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from domain.tenants import access
from domain.tenants import events as e
from domain.tenants.member import Member
from domain.tenants.permissions import EVERYONE, SEATED, TIME_BOXED, Permission
from domain.tenants.permitting import check_writable
from domain.tenants.plans import INVITATION_DAYS
from domain.tenants.state import Tenant
from domain.text import check_text

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class SeatLimitReached(Refusal):
    """Every seat of the plan is held."""

    code = "seat_limit_reached"
    recorded = True


class AlreadyMember(Refusal):
    """The address belongs to someone who is a member or is invited."""

    code = "already_member"


class InvitationNotOpen(Refusal):
    """The invitation was used, has expired, or never was: the answer is the same."""

    code = "invitation_not_open"


class LastOwner(Refusal):
    """A company always has an owner."""

    code = "last_owner"
    recorded = True


class MemberErased(Refusal):
    """The person was erased: whoever comes back comes as somebody new."""

    code = "member_erased"


def invite(
    tenant: Tenant,
    member: MemberId,
    name: str,
    email: str,
    permission: Permission,
    department: DepartmentId | None,
    token_sha256: str,
    by: Member,
    at: datetime,
    access_ends_at: datetime | None = None,
) -> list[e.TenantEvent]:
    """Invite a person; the invitation holds a seat for seven days, and an auditor's access has an end."""
    if member in tenant.members:
        return []
    email = check_address("email", email)
    _check_permission(permission, by)
    if tenant.knows(email, at):
        raise AlreadyMember(
            "expected a new address to invite, but a member or an open invitation has it", field="email"
        )
    if department is not None and department not in tenant.departments:
        raise NotFound(f"expected a known department, but there is no {department!r}", field="department")
    expired = expire_invitations(tenant, at)
    _check_seat(tenant, permission, at)
    expires_at = at + timedelta(days=INVITATION_DAYS)
    name = check_text("name", name, 200)
    invited = e.MemberInvited(member, permission, department, expires_at, token_sha256, name, email)
    return [*expired, invited, *access.first_end(member, permission, access_ends_at, at)]


def accept_invitation(tenant: Tenant, member: MemberId, token_sha256: str, at: datetime) -> list[e.TenantEvent]:
    """Become an active member by the token of one's invitation."""
    invited = tenant.members.get(member)
    if invited is None or not invited.is_invited(at):
        raise InvitationNotOpen("expected an open invitation, but there is none")
    if not hmac.compare_digest(invited.token_sha256 or "", token_sha256):
        raise InvitationNotOpen("expected an open invitation, but there is none")
    check_writable(tenant, "join", at)
    held = tenant.seats_held(at)
    if tenant.seats is not None and held > tenant.seats and invited.permission in SEATED:
        raise SeatLimitReached(f"expected at most {tenant.seats} seats in use, but {held} are held")
    return [e.InvitationAccepted(member)]


def expire_invitations(tenant: Tenant, at: datetime) -> list[e.TenantEvent]:
    """Note every invitation whose time is over: its seat is free.

    Whoever takes a seat says so first: by the log's clock the time may not be over yet, and never may more seats be
    held than there are.
    """
    return [e.InvitationExpired(m.id) for m in tenant.members.values() if m.is_overdue(at)]


def expire_invitation(tenant: Tenant, member: MemberId, at: datetime) -> list[e.TenantEvent]:
    """Note that one invitation's time is over, unless it was accepted, withdrawn or noted already, or is not over."""
    return [e.InvitationExpired(member)] if member_of(tenant, member).is_overdue(at) else []


def deactivate(tenant: Tenant, member: MemberId, by: Member, reason: str | None) -> list[e.TenantEvent]:
    """End a membership, or withdraw an invitation, with a reason; their keys open nothing any more."""
    found = member_of(tenant, member)
    need_reason(reason, "deactivate a member")
    if found.status in ("deactivated", "expired"):
        return []
    check_owner(found.permission, by, "deactivate an owner")
    _keep_an_owner(tenant, member, "deactivate")
    revoked = [e.ApiKeyRevoked(key.id) for key in tenant.keys.values() if key.member == member]
    return [e.MemberDeactivated(member), *revoked]


def reactivate(tenant: Tenant, member: MemberId, by: Member, at: datetime) -> list[e.TenantEvent]:
    """Take a former member back, when a seat is free and nobody else has come with their address."""
    found = member_of(tenant, member)
    if found.status == "active":
        return []
    check_not_erased(found, "reactivate")
    if found.status != "deactivated" or not found.joined:
        raise InvitationNotOpen("expected a former member to reactivate, but they never joined")
    check_owner(found.permission, by, "take an owner back")
    if tenant.knows(found.email, at):
        raise AlreadyMember(
            "expected an address that nobody has to reactivate, but a member or an open invitation has it"
        )
    _check_seat(tenant, found.permission, at)
    return [*expire_invitations(tenant, at), e.MemberReactivated(member)]


def change_permission(
    tenant: Tenant,
    member: MemberId,
    permission: Permission,
    by: Member,
    reason: str | None,
    at: datetime,
    access_ends_at: datetime | None = None,
) -> list[e.TenantEvent]:
    """Let a member do more or less, with a reason.

    Who becomes an auditor is one for a time; who was one and is to work needs a free seat.
    """
    found = member_of(tenant, member)
    need_reason(reason, "change a permission")
    if found.permission == permission:
        return [] if access_ends_at is None else extend_access(tenant, member, access_ends_at, reason, at)
    _check_permission(permission, by)
    check_owner(found.permission, by, "unmake an owner")
    if found.permission == "owner":
        _keep_an_owner(tenant, member, "change the permission of")
    changed = [
        e.PermissionChanged(member, found.permission, permission),
        *access.changed_end(member, found.access_ends_at, permission, access_ends_at, at),
    ]
    if not replace(found, permission=permission).holds_seat(at) or found.holds_seat(at):
        return changed
    _check_seat(tenant, permission, at)
    return [*expire_invitations(tenant, at), *changed]


def extend_access(
    tenant: Tenant, member: MemberId, ends_at: datetime, reason: str | None, at: datetime
) -> list[e.TenantEvent]:
    """Give an auditor more time, or less, with a reason."""
    found = member_of(tenant, member)
    need_reason(reason, "change when access ends")
    if found.permission not in TIME_BOXED:
        raise InvalidInput(f"expected an auditor, whose access ends, but they are {found.permission}", field="member")
    if found.access_ends_at == ends_at:
        return []
    return [e.AccessEndSet(member, found.access_ends_at, access.check_end(ends_at, at))]


def member_of(tenant: Tenant, member: MemberId) -> Member:
    """The member, whatever their status. Raises NotFound."""
    found = tenant.members.get(member)
    if found is None:
        raise NotFound("expected a member of the company, but there is none of that id")
    return found


def check_not_erased(member: Member, to_do: str) -> None:
    """Refuse to bring back, or to write about, who was erased. Raises MemberErased."""
    if member.erased:
        raise MemberErased(f"expected somebody who is known to {to_do}, but they were erased")


def check_owner(permission: Permission, by: Member, to_do: str) -> None:
    """What is done to an owner is done by an owner."""
    if permission == "owner" and by.permission != "owner":
        raise NotPermitted(f"expected an owner to {to_do}, but they are not one")


def check_address(field: str, email: str) -> str:
    """An address in its normal form: lower case, nothing invisible in it. Raises InvalidInput."""
    address = check_text(field, email, 254).lower()
    hidden = any(unicodedata.category(character)[0] in "CZ" for character in address)
    if hidden or not EMAIL.fullmatch(address):
        raise InvalidInput("expected an address such as name@example.co.jp, but got something else", field=field)
    return address


def _check_permission(permission: Permission, by: Member) -> None:
    if permission not in EVERYONE:
        expected = ", ".join(sorted(EVERYONE))
        raise InvalidInput(f"expected one of {expected}, but got {permission!r}", field="permission")
    check_owner(permission, by, "make an owner")


def _keep_an_owner(tenant: Tenant, member: MemberId, to_do: str) -> None:
    if tenant.active_owners() == {member}:
        raise LastOwner(f"expected another owner to {to_do} this one, but they are the last")


def _check_seat(tenant: Tenant, permission: str, at: datetime) -> None:
    held = tenant.seats_held(at)
    if permission in SEATED and tenant.seats is not None and held >= tenant.seats:
        raise SeatLimitReached(f"expected a free seat, but {held} of {tenant.seats} are held", seats=tenant.seats)
