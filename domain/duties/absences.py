"""Absence (不在): for some days others do the new work of someone who is away. It ends by itself."""

from collections.abc import Sequence
from datetime import date

from domain.duties.handing_over import check_receiver
from domain.ids import MemberId
from domain.refusals import InvalidInput, NotPermitted, Refusal
from domain.tenants import duty_events as e
from domain.tenants.decisions import member_of
from domain.tenants.handovers import Absence
from domain.tenants.member import Member
from domain.tenants.permissions import MANAGERS
from domain.tenants.state import Tenant

LONGEST_DAYS = 366


class AbsenceOverlaps(Refusal):
    """The member has another absence on some of the days."""

    code = "absence_overlaps"


class AbsenceCircle(Refusal):
    """On some of the days the work would come back to the one who is away."""

    code = "absence_circle"


def set_absence(
    tenant: Tenant,
    member: MemberId,
    starts: date,
    until: date,
    delegates: Sequence[MemberId],
    by: Member,
    today: date,
) -> list[e.DutyEvent]:
    """Be away from a day until another, both included; delegates do the new work, the first who can."""
    _check_whose(tenant, member, by)
    wanted = Absence(starts, until, tuple(delegates))
    known = tenant.absences.get(member, ())
    if wanted in known:
        return []
    if not starts <= until or until < today or (until - starts).days >= LONGEST_DAYS:
        raise InvalidInput(
            f"expected at most {LONGEST_DAYS} days that are not over, but got others", field="until"
        )
    if not delegates or len(set(delegates)) != len(delegates) or member in delegates:
        raise InvalidInput("expected other people as delegates, each once, but got others", field="delegates")
    for delegate in delegates:
        check_receiver(tenant, delegate)
    # The same first day changes that absence; any other day in common would be another one.
    if any(wanted.overlaps(other) for other in known if other.starts != starts):
        raise AbsenceOverlaps("expected days without another absence, but there is one on some of them")
    if _leads_back(tenant, member, wanted):
        raise AbsenceCircle("expected delegates who do not stand down for the member, but one does")
    return [e.AbsenceSet(member, starts, until, tuple(delegates))]


def end_absence(tenant: Tenant, member: MemberId, by: Member, today: date) -> list[e.DutyEvent]:
    """Be there again from today on; the absence that is under way, or else the next, ends."""
    _check_whose(tenant, member, by)
    coming = sorted((a for a in tenant.absences.get(member, ()) if a.until >= today), key=lambda a: a.starts)
    if not coming:
        return []
    return [e.AbsenceEnded(member, coming[0].starts, max(today, coming[0].starts))]


def _check_whose(tenant: Tenant, member: MemberId, by: Member) -> None:
    member_of(tenant, member)
    if member != by.id and by.permission not in MANAGERS:
        may = ", ".join(sorted(MANAGERS))
        raise NotPermitted(f"expected one of {may} to set another's absence, but they are {by.permission}")


def _leads_back(tenant: Tenant, member: MemberId, wanted: Absence) -> bool:
    """True when following delegates who are away on common days comes back to the member."""
    walked: set[MemberId] = set()
    waiting = list(wanted.delegates)
    while waiting:
        one = waiting.pop()
        if one == member:
            return True
        if one in walked:
            continue
        walked.add(one)
        waiting += [d for a in tenant.absences.get(one, ()) if a.overlaps(wanted) for d in a.delegates]
    return False
