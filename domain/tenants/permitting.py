"""Who may do what now: by membership, permission, an auditor's time, and whether the company may write at all."""

from collections.abc import Mapping
from datetime import datetime

from domain.ids import MemberId
from domain.refusals import NotPermitted, Refusal
from domain.tenants.member import Member
from domain.tenants.permissions import ALWAYS_OPEN, MAY, READING
from domain.tenants.plan_state import Ended
from domain.tenants.state import Tenant

READ_ONLY: Mapping[Ended, str] = {
    "trial_ended": "the trial has ended",
    "cancelled": "the subscription was cancelled",
    "lapsed": "the subscription has lapsed",
    "ending": "the company's end was announced",
    "closed": "the company was closed",
}


class TenantReadOnly(Refusal):
    """The trial has ended, or the subscription has: reading, audit and exports still work. `because` says which."""

    code = "tenant_read_only"


class AccessEnded(NotPermitted):
    """The auditor's time is over; an admin may give them more, with a reason."""

    code = "access_ended"


def permit(tenant: Tenant, member: MemberId, command: str, at: datetime) -> Member:
    """The member, when they may carry out the command now."""
    actor = tenant.members.get(member)
    if actor is None or actor.status != "active":
        raise NotPermitted(f"expected an active member to {_said(command)}, but they are not one")
    if not actor.has_access(at):
        raise AccessEnded(f"expected an auditor whose time is not over to {_said(command)}, but theirs is")
    if actor.permission not in MAY[command]:
        may = ", ".join(sorted(MAY[command]))
        raise NotPermitted(f"expected one of {may} to {_said(command)}, but they are {actor.permission}")
    if tenant.keeping.closed and not command.startswith(READING):
        check_writable(tenant, _said(command), at)
    if command not in ALWAYS_OPEN and not command.startswith(READING):
        check_writable(tenant, _said(command), at)
    return actor


def check_writable(tenant: Tenant, to_do: str, at: datetime) -> None:
    """Refuse while nothing may be written, and say why that is."""
    why = tenant.read_only(at)
    if why is not None:
        raise TenantReadOnly(f"expected a plan to {to_do}, but {READ_ONLY[why]}", because=why)


def _said(command: str) -> str:
    return command.replace("_", " ")
