"""Who asks, when what is hidden from them is to be left out: the same for the API and the console."""

from domain.confidential import SEES_ALL, is_from_outside
from domain.tenants.member import Member
from domain.tenants.permissions import TIME_BOXED
from domain.tenants.state import Tenant
from queries.seen import Viewer


def is_logged(member: Member) -> bool:
    """True for whose every read is put on record."""
    return member.permission in TIME_BOXED


def viewer_of(company: Tenant, member: Member) -> Viewer | None:
    """The member with the roles they hold today; None for those who see all."""
    if member.permission in SEES_ALL:
        return None
    roles = [role for role, holders in company.holders.items() if member.id in holders]
    return Viewer(member.id, roles, is_from_outside(member))
