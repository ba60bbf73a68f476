"""Handing over: by those who leave, once by mistake; and who is away for some days, with someone who stands in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from commands.duties import EndAbsence, HandOver, SetAbsence, UndoHandover
from domain.events import Event
from domain.ids import MemberId
from domain.tenants.duty_events import HandedOver
from domain.tenants.handovers import Rule
from services.demo import people
from services.demo.office import Office
from services.demo.simulation import Errand

ABSENCES_A_MONTH = 2
LONGEST_ABSENCE = 5


def hand_over(office: Office, member: MemberId, why: str, _: datetime) -> Errand | None:
    """A manager gives all that someone has to others of their roles, or to the managers."""
    roles = [role for role, holders in office.tenant.holders.items() if member in holders]
    others = {m for role in roles or office.tenant.holders for m in office.tenant.active_holders(role)} - {member}
    to = sorted(others or set(office.doers()) - {member})
    command = HandOver(member, (Rule(tuple(to)),))
    return office.errand(command, office.manager(), partial(_moved, office), people.reason(office.chance, why))


def has_steps(office: Office, member: MemberId) -> bool:
    """True while an open step is theirs."""
    return any(
        state.status == "ready" and state.assignee == member and case.run.is_open
        for case in office.cases.values()
        for state in case.run.steps.values()
    )


def plan_absences(office: Office, first: date, end: date) -> None:
    """Some are away for a few days, and one comes back early; a handover is a mistake and undone."""
    days = office.hours.between(first + timedelta(days=30), end)
    number = round(ABSENCES_A_MONTH * len(days) / 20)
    for day in sorted(office.chance.sample(days, min(number, len(days)))):
        office.put(office.hours.at(day, 9, 5), partial(_away, office), None)
    if days:
        day = days[len(days) // 2]
        office.put(office.hours.at(day, 13), partial(_by_mistake, office), None)


def _moved(office: Office, at: datetime, events: Sequence[Event]) -> None:
    """What was written to the company, and to its runs."""
    office.told(at, events)
    for case in list(office.cases.values()):
        if case.id in office.world.log.states:
            case.moved(at)


def _by_mistake(office: Office, at: datetime) -> Errand | None:
    """Someone who stays is taken for someone who leaves; minutes later it is undone."""
    busy = sorted(m for m in office.doers() if has_steps(office, m))
    if not busy:
        return None
    errand = hand_over(office, busy[0], "handover", at)
    if errand is None:
        return None

    def told(at: datetime, events: Sequence[Event]) -> None:
        _moved(office, at, events)
        for event in events:
            if isinstance(event, HandedOver):
                office.put(at + timedelta(minutes=20), partial(_undo, office, event.handover), None)

    return Errand(errand.tenant, errand.command, errand.actor, told, errand.reason)


def _undo(office: Office, handover: str, _: datetime) -> Errand:
    reason = people.reason(office.chance, "mistake")
    return office.errand(UndoHandover(handover), office.manager(), partial(_moved, office), reason)


def _away(office: Office, at: datetime) -> Errand | None:
    """Someone who is one of several in a role is away, and the others stand in."""
    today = office.hours.today(at)
    shared = [holders for role in office.tenant.holders if len(holders := office.tenant.active_holders(role)) > 1]
    if not shared:
        return None
    member, *others = office.chance.sample(office.chance.choice(shared), 2)
    if office.tenant.absences.get(member) or any(office.tenant.absences.get(other) for other in others):
        return None
    days = office.chance.randrange(2, LONGEST_ABSENCE + 1)
    if office.chance.random() < 1 / 3:
        office.put(at + timedelta(days=1), partial(_back_early, office, member), None)
    return office.errand(SetAbsence(member, today, today + timedelta(days=days), tuple(others)), member)


def _back_early(office: Office, member: MemberId, _: datetime) -> Errand | None:
    if not office.tenant.is_active(member):
        return None
    return office.errand(EndAbsence(member), member)
