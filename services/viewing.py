"""Who asks, when what is confidential is to be left out: the same for the API and the console."""

from domain.confidential import SEES_ALL
from domain.tenants.state import Member, Tenant
from queries.seen import Viewer


def viewer_of(company: Tenant, member: Member) -> Viewer | None:
    """The member with the roles they hold today; None for those who see all."""
    if member.permission in SEES_ALL:
        return None
    return Viewer(member.id, [role for role, holders in company.holders.items() if member.id in holders])
