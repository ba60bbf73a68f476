"""What may happen to the company itself: it signs up, has departments and roles. Its plan is in `subscription.py`."""

from datetime import datetime

from domain.ids import DepartmentId, MemberId, RoleId, is_slug
from domain.refusals import CannotDoSteps, InvalidInput
from domain.tenants import events as e
from domain.tenants.decisions import check_address, member_of
from domain.tenants.duty_events import RoleHoldersSet
from domain.tenants.plans import TRIAL_SEATS, trial_end
from domain.tenants.state import Tenant
from domain.tenants.zones import check_zone
from domain.text import check_text


def sign_up(
    tenant: Tenant, name: str, time_zone: str, owner: MemberId, owner_name: str, email: str, at: datetime
) -> list[e.TenantEvent]:
    """Open a company's account with its first owner, on trial."""
    if tenant.exists:
        return []
    name, owner_name = check_text("company", name, 200), check_text("owner.name", owner_name, 200)
    address = check_address("owner.email", email)
    check_zone(time_zone)
    return [
        e.TenantSignedUp(name, time_zone),
        e.TrialStarted(trial_end(at, time_zone), TRIAL_SEATS),
        e.MemberJoined(owner, "owner", None, owner_name, address),
    ]


def add_department(tenant: Tenant, department: DepartmentId, title: str) -> list[e.TenantEvent]:
    """Add a department, or give it another title."""
    if not is_slug(department):
        raise InvalidInput(
            f"expected a short name of a-z, 0-9, - and _ for a department, but got {department!r}", field="department"
        )
    title = check_text("title", title, 200)
    if tenant.departments.get(department) == title:
        return []
    return [e.DepartmentAdded(department, title)]


def set_role_holders(
    tenant: Tenant, role: RoleId, members: tuple[MemberId, ...], at: datetime
) -> list[e.TenantEvent]:
    """Say who holds a role, in order. Who is invited may hold one: work comes to them once they have joined."""
    if not is_slug(role):
        raise InvalidInput(
            f"expected a short name of a-z, 0-9, - and _ for a role, but got {role!r}", field="role"
        )
    old = tenant.holders.get(role, ())
    for member in members:
        _check_holder(tenant, role, member, at)
    if len(set(members)) != len(members):
        raise InvalidInput(
            f"expected each member once for the role {role!r}, but one is there twice", field="members"
        )
    return [] if old == members else [RoleHoldersSet(role, old, members)]


def _check_holder(tenant: Tenant, role: RoleId, member: MemberId, at: datetime) -> None:
    found = member_of(tenant, member)
    if not found.may_do_steps:
        raise CannotDoSteps(
            f"expected people who complete steps to hold {role!r}, but one is an {found.permission}", member=member
        )
    if found.status != "active" and not found.is_invited(at):
        raise CannotDoSteps(f"expected members to hold {role!r}, but one has left, or never came", member=member)
