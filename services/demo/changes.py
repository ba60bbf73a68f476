"""What changes in a company over the year: hires and leavers, promotions, keys, and attempts that are refused."""

from datetime import date, datetime, timedelta
from functools import partial

from commands.tenants import ChangePermission, DeactivateMember, IssueApiKey, RevokeApiKey
from domain.ids import MemberId
from domain.refusals import NotPermitted
from domain.tenants.decisions import LastOwner
from domain.tenants.permissions import Permission
from services.api.keys import KEY, issue
from services.demo import people
from services.demo.companies import Post
from services.demo.handing_over import plan_absences
from services.demo.office import Office
from services.demo.second_thoughts import plan_second_thoughts
from services.demo.simulation import Errand
from services.demo.staffing import Staffing

NEWCOMERS = ("sales", "production")
"""Departments that cohorts join."""


def plan_the_changes(office: Office, staffing: Staffing, first: date, end: date) -> None:
    """Put the changes between two days on the agenda."""
    _cohorts(office, staffing, first, end)
    _leavers(office, staffing, first, end)
    hours = office.hours
    staffing.take_leave(hours.business_day(first, 38), hours.business_day(first, 95))
    office.put(hours.at(hours.business_day(first, 33), 11), partial(_remove_the_owner, office), None)
    office.put(hours.at(hours.business_day(first, 34), 11), partial(_retire_the_owner, office), None)
    _promotions(office, first)
    plan_absences(office, first, end)
    _keys(office, staffing, first)
    plan_second_thoughts(office, first)


def _cohorts(office: Office, staffing: Staffing, first: date, end: date) -> None:
    departments = [d for d in NEWCOMERS if d in office.plan.departments]
    for year in range(first.year, end.year + 1):
        for month, count in office.plan.hires.items():
            if first + timedelta(days=20) < date(year, month, 1) < end + timedelta(days=38):
                for _ in range(count):
                    staffing.hire(date(year, month, 1), Post(office.chance.choice(departments), "requester"))


def _leavers(office: Office, staffing: Staffing, first: date, end: date) -> None:
    days = office.hours.between(first + timedelta(days=70), end + timedelta(days=40))
    number = round(office.plan.changes * len(days) / 245)
    for day in sorted(office.chance.sample(days, min(number, len(days)))):
        staffing.leave(day)


def _retire_the_owner(office: Office, _: datetime) -> Errand:
    """The owner would leave without another one: a company always has an owner."""
    owner, reason = office.owner(), people.reason(office.chance, "leave")
    return office.errand(DeactivateMember(owner), owner, reason=reason, refusal=LastOwner)


def _remove_the_owner(office: Office, _: datetime) -> Errand:
    """An administrator tidies up too much: only an owner parts with an owner."""
    reason = people.reason(office.chance, "leave")
    return office.errand(DeactivateMember(office.owner()), office.admin(), reason=reason, refusal=NotPermitted)


def _promotions(office: Office, first: date) -> None:
    hours = office.hours
    office.put(hours.at(hours.business_day(first, 27), 10), partial(_promote, office, "manager"), None)
    office.put(hours.at(hours.business_day(first, 64), 10), partial(_promote, office, "manager"), None)
    office.put(hours.at(hours.business_day(first, 36), 10), partial(_demote, office), None)


def _promote(office: Office, to: Permission, _: datetime) -> Errand | None:
    """Someone of the sales department may do more from now on."""
    members = [m for m in office.tenant.members.values() if m.department == "sales" and m.status == "active"]
    candidates = [m.id for m in members if m.permission == "member"]
    return _permit(office, candidates, to)


def _demote(office: Office, _: datetime) -> Errand | None:
    members = [m for m in office.tenant.members.values() if m.department == "sales" and m.status == "active"]
    return _permit(office, [m.id for m in members if m.permission == "manager"][1:], "member")


def _permit(office: Office, candidates: list[MemberId], permission: Permission) -> Errand | None:
    if not candidates:
        return None
    command = ChangePermission(office.chance.choice(candidates), permission)
    return office.errand(command, office.admin(), reason=people.reason(office.chance, "permission"))


def _keys(office: Office, staffing: Staffing, first: date) -> None:
    """A key for the accounting system, its holder's own; the old one is given up when a new one is there."""
    hours = office.hours
    days = [hours.business_day(first, n) for n in (15, 48)]
    old, new = (office.world.ids.new(hours.at(day, 11)) for day in days)
    for day, key in zip(days, (old, new), strict=True):
        office.put(hours.at(day, 11), partial(_issue, office, staffing, key), None)
    office.put(hours.at(days[1], 15), partial(_revoke, office, old), None)


def _revoke(office: Office, key: str, _: datetime) -> Errand | None:
    """Its holder gives it up, unless it went with them."""
    held = office.tenant.keys.get(key)
    return office.errand(RevokeApiKey(key), held.member) if held else None


def _issue(office: Office, staffing: Staffing, key: str, _: datetime) -> Errand | None:
    holders = office.holders("accounting-manager")
    if not holders:
        return None
    kept = issue(KEY, office.id, key, lambda _: staffing.secret()).sha256
    return office.errand(IssueApiKey(key, holders[0], "会計システム連携", kept), holders[0])
