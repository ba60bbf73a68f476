"""Who asks, when what is hidden from them is to be left out, and what is kept of it: the same for API and console."""

from collections.abc import Mapping

from domain.confidential import SEES_ALL, is_from_outside
from domain.tenants.member import Member
from domain.tenants.permissions import TIME_BOXED
from domain.tenants.state import Tenant
from queries.seen import Viewer

TYPED = frozenset({"text", "subject", "reason", "counterparty", "filter"})
"""Parts of a question that people type: they may name somebody, who may be erased one day."""
PLACES = frozenset({"cursor", "after"})
"""Parts that say where a page begins: some hold what a list is sorted by."""


def noted(asked: Mapping[str, str]) -> dict[str, str]:
    """A question as it is put on record, which is never changed: of what may name somebody only how long it was."""
    return {name: f"({len(value)} characters)" if _may_name(name, value) else value for name, value in asked.items()}


def _may_name(name: str, value: str) -> bool:
    return name in TYPED or (name in PLACES and not (value.isascii() and value.isdigit()))


def is_logged(member: Member) -> bool:
    """True for whose every read is put on record."""
    return member.permission in TIME_BOXED


def viewer_of(company: Tenant, member: Member) -> Viewer | None:
    """The member with the roles they hold today; None for those who see all."""
    if member.permission in SEES_ALL:
        return None
    roles = [role for role, holders in company.holders.items() if member.id in holders]
    return Viewer(member.id, roles, is_from_outside(member))
