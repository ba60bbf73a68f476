"""What the company's directory (SCIM) may do to its people: bring them in, change them, take them out.

The directory is the authority on who works there: no open duty keeps it from letting a leaver go.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import DepartmentId, MemberId
from domain.refusals import InvalidInput, NotFound
from domain.tenants import events as e
from domain.tenants.access import changed_end
from domain.tenants.decisions import (
    EMAIL,
    AlreadyMember,
    LastOwner,
    SeatLimitReached,
    check_address,
    check_owner,
    expire_invitations,
)
from domain.tenants.member import Member
from domain.tenants.permissions import SEATED, Permission
from domain.tenants.permitting import check_writable
from domain.tenants.state import Tenant
from domain.text import check_text

USUAL: Permission = "member"
"""What a person may do of whom the directory does not say it."""
CLEARED = ""
"""In a change: there is none any more. None leaves what there is."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as a directory describes them, or a change of it; `CLEARED` takes an id or a department away."""

    user_name: str | None = None
    email: str | None = None
    external_id: str | None = None
    name: str | None = None
    active: bool | None = None
    permission: Permission | None = None
    department: DepartmentId | None = None


def user_name_of(member: Member) -> str:
    """What the directory calls a member: their address, unless it said otherwise."""
    return member.user_name or member.email


def people(tenant: Tenant) -> list[Member]:
    """Everyone whom the directory may see, by id: one for each user name, who is active before who was."""
    found: dict[str, Member] = {}
    for member in tenant.members.values():
        if not member.joined or member.removed:
            continue
        before = found.get(user_name_of(member))
        if before is None or before.status != "active":
            found[user_name_of(member)] = member
    return sorted(found.values(), key=lambda member: member.id)


def going_by(tenant: Tenant, user_name: str) -> Member | None:
    """The one of `people` who goes by a user name, in its normal form."""
    found = [m for m in tenant.members.values() if (m.user_name or m.email) == user_name and m.joined and not m.removed]
    return next((m for m in found if m.status == "active"), found[-1] if found else None)


def seen(tenant: Tenant, member: MemberId) -> Member:
    """The one of `people` with an id. Raises NotFound."""
    found = tenant.members.get(member)
    if found is None or going_by(tenant, user_name_of(found)) is not found:
        raise NotFound("expected a user of the company, but there is none of that id")
    return found


def names_of(profile: Profile) -> tuple[str, str]:
    """User name and address of somebody new, in normal form; either may stand for both. Raises InvalidInput."""
    user_name = check_text("userName", profile.user_name or profile.email or "", 254).lower()
    return user_name, check_address("emails" if profile.email else "userName", profile.email or user_name)


def provision(tenant: Tenant, member: MemberId, profile: Profile, by: Member, at: datetime) -> list[e.TenantEvent]:
    """Bring a person in without an invitation; an open one to their address is used up, and its seat with it."""
    if member in tenant.members:
        return []
    check_writable(tenant, "provision a member", at)
    user_name, email = names_of(profile)
    known = _invited(tenant, email)
    _check_free(tenant, None, user_name, email)
    permission = profile.permission or (known.permission if known else USUAL)
    check_owner(permission, by, "make an owner")
    department = profile.department or (known.department if known else None)
    _check_department(tenant, department)
    active = profile.active is not False
    if active:
        _check_seat(tenant, permission, at, own=known)
    name = check_text("displayName", profile.name or (known.name if known else user_name), 200)
    who = (known.id if known else member), permission, department, active
    called = name, email, None if user_name == email else user_name, _external_id(profile)
    ends = changed_end(who[0], known.access_ends_at if known else None, permission, None, at)
    return [*expire_invitations(tenant, at), e.MemberProvisioned(*who, *called), *ends]


def update(tenant: Tenant, member: MemberId, change: Profile, by: Member, at: datetime) -> list[e.TenantEvent]:
    """Make a member what the directory says. Who is to leave leaves, whatever else is open: their seat is free."""
    found = seen(tenant, member)
    ended = _ended(tenant, found, by) if change.active is False else []
    if ended and not tenant.is_writable(at):
        return ended
    permitted = _permitted(tenant, found, change, by, at)
    events = [*_renamed(tenant, found, change), *_moved(tenant, found, change), *permitted]
    if change.active or (found.status == "active" and change.active is None):
        permission = change.permission or found.permission
        events.extend(_kept(tenant, found, permission, by, at))
        if permission in SEATED and not found.holds_seat(at):
            events[:0] = expire_invitations(tenant, at)
    if events:
        check_writable(tenant, "change a member", at)
    # Who leaves leaves first: not even between two events of one command are more seats held than there are.
    return [*ended, *events]


def remove(tenant: Tenant, member: MemberId, by: Member) -> list[e.TenantEvent]:
    """End a membership because the directory deleted the person: to it they are unknown from now on."""
    return [*_ended(tenant, seen(tenant, member), by), e.MemberRemoved(member)]


def _renamed(tenant: Tenant, found: Member, change: Profile) -> list[e.TenantEvent]:
    before = user_name_of(found)
    wanted = check_text("userName", change.user_name or before, 254).lower()
    # Who gives one name only has it stand for both, as it was when they came.
    follows = found.user_name is None and change.email is None and EMAIL.fullmatch(wanted)
    email = check_address("emails", change.email or (wanted if follows else found.email))
    name = found.name if change.name is None else check_text("displayName", change.name, 200)
    external = found.external_id if change.external_id is None else _external_id(change)
    event = e.MemberRenamed(found.id, name, email, None if wanted == email else wanted, external)
    if event == e.MemberRenamed(found.id, found.name, found.email, found.user_name, found.external_id):
        return []
    if (wanted, email) != (before, found.email):
        _check_free(tenant, found.id, wanted, email)
    return [event]


def _moved(tenant: Tenant, found: Member, change: Profile) -> list[e.TenantEvent]:
    if change.department is None or (change.department or None) == found.department:
        return []
    _check_department(tenant, change.department or None)
    return [e.MemberMoved(found.id, found.department, change.department or None)]


def _permitted(tenant: Tenant, found: Member, change: Profile, by: Member, at: datetime) -> list[e.TenantEvent]:
    if change.permission is None or change.permission == found.permission:
        return []
    check_owner(change.permission, by, "make an owner")
    check_owner(found.permission, by, "unmake an owner")
    _keep_an_owner(tenant, found, "change the permission of")
    ends = changed_end(found.id, found.access_ends_at, change.permission, None, at)
    return [e.PermissionChanged(found.id, found.permission, change.permission), *ends]


def _ended(tenant: Tenant, found: Member, by: Member) -> list[e.TenantEvent]:
    if found.status != "active":
        return []
    check_owner(found.permission, by, "deactivate an owner")
    _keep_an_owner(tenant, found, "deactivate")
    revoked = [e.ApiKeyRevoked(key.id) for key in tenant.keys.values() if key.member == found.id]
    return [e.MemberDeactivated(found.id), *revoked]


def _kept(tenant: Tenant, found: Member, permission: Permission, by: Member, at: datetime) -> list[e.TenantEvent]:
    """Who is to be active has a seat, or gets one that is free."""
    if not found.holds_seat(at):
        _check_seat(tenant, permission, at)
    if found.status == "active":
        return []
    check_owner(found.permission, by, "take an owner back")
    if tenant.knows(found.email, at):
        raise AlreadyMember("expected an address that nobody has to reactivate, but someone has it")
    return [e.MemberReactivated(found.id)]


def _invited(tenant: Tenant, email: str) -> Member | None:
    """Who was invited under an address and never came, the last one first."""
    fitting = [m for m in tenant.members.values() if m.email == email and m.status in ("invited", "expired")]
    return fitting[-1] if fitting else None


def _check_free(tenant: Tenant, own: MemberId | None, user_name: str, email: str) -> None:
    """Refuse a name or an address that someone else goes by; who was only invited may become who comes."""
    other = going_by(tenant, user_name)
    if other is not None and other.id != own:
        raise AlreadyMember("expected a userName that nobody has, but someone has it", field="userName")
    held = (m for m in tenant.members.values() if m.email == email and m.id != own)
    if any(m.status == "active" or (own and m.status == "invited") for m in held):
        raise AlreadyMember("expected an address that nobody has, but a member has it", field="emails")


def _check_department(tenant: Tenant, department: DepartmentId | None) -> None:
    if department is not None and department not in tenant.departments:
        raise InvalidInput("expected a known department, but there is none of that name", field="department")


def _check_seat(tenant: Tenant, permission: Permission, at: datetime, own: Member | None = None) -> None:
    """Refuse when no seat is free, the one that an invitation holds for them counted as free."""
    held = tenant.seats_held(at) - (own is not None and own.holds_seat(at))
    if permission in SEATED and tenant.seats is not None and held >= tenant.seats:
        raise SeatLimitReached(f"expected a free seat, but {held} of {tenant.seats} are held", seats=tenant.seats)


def _keep_an_owner(tenant: Tenant, found: Member, to_do: str) -> None:
    if tenant.active_owners() == {found.id}:
        raise LastOwner(f"expected another owner to {to_do} this one, but they are the last")


def _external_id(profile: Profile) -> str | None:
    return check_text("externalId", profile.external_id, 254) if profile.external_id else None
