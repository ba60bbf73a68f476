"""What may happen to a tenant: guards first, then the events. `[]` means it is already so."""

import hmac
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.ids import DepartmentId, MemberId, RoleId, is_slug
from domain.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from domain.tenants import events as e
from domain.tenants.permissions import ALWAYS_OPEN, EVERYONE, MAY, SEATED, Permission
from domain.tenants.plans import INVITATION_DAYS, TRIAL_SEATS, plan_on, trial_end
from domain.tenants.state import Member, Tenant
from domain.text import check_text

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class TenantReadOnly(Refusal):
    """The trial has ended, or the subscription has: reading, audit and exports still work."""

    code = "tenant_read_only"


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


def permit(tenant: Tenant, member: MemberId, command: str, at: datetime) -> Member:
    """The member, when they may carry out the command now."""
    actor = tenant.members.get(member)
    if actor is None or actor.status != "active":
        raise NotPermitted(f"expected an active member to {_said(command)}, but they are not one")
    if actor.permission not in MAY[command]:
        may = ", ".join(sorted(MAY[command]))
        raise NotPermitted(f"expected one of {may} to {_said(command)}, but they are {actor.permission}")
    if command not in ALWAYS_OPEN and not command.startswith("read_") and not tenant.is_writable(at):
        raise TenantReadOnly(f"expected a plan to {_said(command)}, but the trial has ended")
    return actor


def sign_up(
    tenant: Tenant, name: str, time_zone: str, owner: MemberId, owner_name: str, email: str, at: datetime
) -> list[e.TenantEvent]:
    """Open a company's account with its first owner, on trial."""
    if tenant.exists:
        return []
    name, owner_name = check_text("name", name, 200), check_text("owner_name", owner_name, 200)
    _check_zone(time_zone)
    return [
        e.TenantSignedUp(name, time_zone),
        e.TrialStarted(trial_end(at, time_zone), TRIAL_SEATS),
        e.MemberJoined(owner, "owner", None, owner_name, _address(email)),
    ]


def choose_plan(tenant: Tenant, plan: str, seats: int | None, at: datetime) -> list[e.TenantEvent]:
    """Take a plan at once; `seats` only where the contract sets the cap (enterprise)."""
    sold = plan_on(plan, tenant.today(at))
    limit = seats if sold.seats is None else sold.seats
    if (tenant.plan, tenant.seats) == (plan, limit):
        return []
    held = tenant.seats_held(at)
    if limit is not None and held > limit:
        raise SeatLimitReached(
            f"expected at most {limit} seats in use to choose {plan}, but {held} are held", surplus=held - limit
        )
    return [*expire_invitations(tenant, at), e.PlanChosen(tenant.plan, plan, limit)]


def add_department(tenant: Tenant, department: DepartmentId, title: str) -> list[e.TenantEvent]:
    """Add a department, or say that it is there already."""
    if not is_slug(department):
        raise InvalidInput(f"expected a short name of a-z, 0-9, - and _ for a department, but got {department!r}")
    title = check_text("title", title, 200)
    if tenant.departments.get(department) == title:
        return []
    return [e.DepartmentAdded(department, title)]


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
) -> list[e.TenantEvent]:
    """Invite a person; the invitation holds a seat for seven days."""
    if member in tenant.members:
        return []
    email = _address(email)
    _check_permission(permission, by)
    if tenant.knows(email, at):
        raise AlreadyMember("expected a new address to invite, but a member or an open invitation has it")
    if department is not None and department not in tenant.departments:
        raise NotFound(f"expected a known department, but there is no {department!r}")
    expired = expire_invitations(tenant, at)
    _check_seat(tenant, permission, at)
    expires_at = at + timedelta(days=INVITATION_DAYS)
    name = check_text("name", name, 200)
    invited = e.MemberInvited(member, permission, department, expires_at, token_sha256, name, email)
    return [*expired, invited]


def accept_invitation(tenant: Tenant, member: MemberId, token_sha256: str, at: datetime) -> list[e.TenantEvent]:
    """Become an active member by the token of one's invitation."""
    invited = tenant.members.get(member)
    if invited is None or not invited.is_invited(at):
        raise InvitationNotOpen("expected an open invitation, but there is none")
    if not hmac.compare_digest(invited.token_sha256 or "", token_sha256):
        raise InvitationNotOpen("expected an open invitation, but there is none")
    held = tenant.seats_held(at)
    if tenant.seats is not None and held > tenant.seats and invited.permission in SEATED:
        raise SeatLimitReached(f"expected at most {tenant.seats} seats in use, but {held} are held")
    return [e.InvitationAccepted(member)]


def expire_invitations(tenant: Tenant, at: datetime) -> list[e.TenantEvent]:
    """Note every invitation whose time is over: its seat is free."""
    return [
        e.InvitationExpired(m.id)
        for m in tenant.members.values()
        if m.status == "invited" and m.expires_at is not None and at >= m.expires_at
    ]


def deactivate(tenant: Tenant, member: MemberId) -> list[e.TenantEvent]:
    """End a membership, or withdraw an invitation; their keys open nothing any more."""
    found = _member(tenant, member)
    if found.status in ("deactivated", "expired"):
        return []
    _keep_an_owner(tenant, member, "deactivate")
    revoked = [e.ApiKeyRevoked(key.id) for key in tenant.keys.values() if key.member == member]
    return [e.MemberDeactivated(member), *revoked]


def reactivate(tenant: Tenant, member: MemberId, at: datetime) -> list[e.TenantEvent]:
    """Take a former member back, when a seat is free."""
    found = _member(tenant, member)
    if found.status == "active":
        return []
    if found.status != "deactivated":
        raise InvitationNotOpen("expected a former member to reactivate, but they never joined")
    _check_seat(tenant, found.permission, at)
    return [*expire_invitations(tenant, at), e.MemberReactivated(member)]


def change_permission(
    tenant: Tenant, member: MemberId, permission: Permission, by: Member, at: datetime
) -> list[e.TenantEvent]:
    """Let a member do more or less."""
    found = _member(tenant, member)
    if found.permission == permission:
        return []
    _check_permission(permission, by)
    if found.permission == "owner":
        _check_permission("owner", by)
        _keep_an_owner(tenant, member, "change the permission of")
    if found.permission not in SEATED and found.status in ("active", "invited"):
        _check_seat(tenant, permission, at)
    return [e.PermissionChanged(member, found.permission, permission)]


def set_role_holders(tenant: Tenant, role: RoleId, members: tuple[MemberId, ...]) -> list[e.TenantEvent]:
    """Say who holds a role, in order."""
    if not is_slug(role):
        raise InvalidInput(f"expected a short name of a-z, 0-9, - and _ for a role, but got {role!r}")
    for member in members:
        _member(tenant, member)
    if len(set(members)) != len(members):
        raise InvalidInput(f"expected each member once for the role {role!r}, but one is there twice")
    old = tenant.holders.get(role, ())
    return [] if old == members else [e.RoleHoldersSet(role, old, members)]


def issue_api_key(tenant: Tenant, key: str, member: MemberId, label: str, sha256: str) -> list[e.TenantEvent]:
    """Give a member a key; the caller shows it once and forgets it."""
    if key in tenant.keys:
        return []
    if not tenant.is_active(member):
        raise NotFound("expected an active member to give a key to, but there is none of that id")
    return [e.ApiKeyIssued(key, member, check_text("label", label, 100), sha256)]


def revoke_api_key(tenant: Tenant, key: str) -> list[e.TenantEvent]:
    """Make a key open nothing any more."""
    return [e.ApiKeyRevoked(key)] if key in tenant.keys else []


def _member(tenant: Tenant, member: MemberId) -> Member:
    found = tenant.members.get(member)
    if found is None:
        raise NotFound("expected a member of the company, but there is none of that id")
    return found


def _check_permission(permission: str, by: Member) -> None:
    if permission not in EVERYONE:
        raise InvalidInput(f"expected one of {', '.join(sorted(EVERYONE))}, but got {permission!r}")
    if permission == "owner" and by.permission != "owner":
        raise NotPermitted("expected an owner to make or unmake an owner, but they are not one")


def _keep_an_owner(tenant: Tenant, member: MemberId, to_do: str) -> None:
    if tenant.active_owners() == {member}:
        raise LastOwner(f"expected another owner to {to_do} this one, but they are the last")


def _check_seat(tenant: Tenant, permission: str, at: datetime) -> None:
    held = tenant.seats_held(at)
    if permission in SEATED and tenant.seats is not None and held >= tenant.seats:
        raise SeatLimitReached(f"expected a free seat, but {held} of {tenant.seats} are held", seats=tenant.seats)


def _check_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"expected a time zone such as Asia/Tokyo, but got {time_zone!r}") from None


def _address(email: str) -> str:
    address = check_text("email", email, 254).lower()
    if not EMAIL.fullmatch(address):
        raise InvalidInput("expected an address such as name@example.co.jp, but got something else", field="email")
    return address


def _said(command: str) -> str:
    return command.replace("_", " ")
