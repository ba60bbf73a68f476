"""Whom work can go to, as dashboards of work to come need it; and holidays."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.ids import MemberId, RoleId
from domain.tenants.state import Tenant
from infra.calendar import japan
from queries.open_steps import ByRule
from queries.seen import Viewer

AROUND = timedelta(days=400)


def by_rule(company: Tenant, viewer: Viewer | None) -> ByRule:
    """The company's people and roles; people from outside are not told whose a step will be."""
    if viewer is not None and viewer.outside:
        return ByRule()
    people = [member for member in company.members if company.can_do_steps(member)]
    alone = {str(role): str(only[0]) for role in company.holders if len(only := company.active_holders(role)) == 1}
    return ByRule(people, alone)


def only_theirs(company: Tenant, member: MemberId) -> list[RoleId]:
    """The roles that nobody else holds who can do their steps."""
    return [role for role in company.holders if company.active_holders(role) == (member,)]


def holidays_around(day: date) -> Sequence[date]:
    """Holidays of about a year before and after a day: what lies farther away is told in business days without them."""
    return [holiday for holiday in sorted(japan().holidays) if abs(holiday - day) <= AROUND]
