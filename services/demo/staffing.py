"""Who comes and goes: invitations, seats, roles, keys, leavers, and people on leave."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256

from commands.tenants import (
    AcceptInvitation,
    ChoosePlan,
    DeactivateMember,
    InviteMember,
    IssueApiKey,
    ReactivateMember,
    SetRoleHolders,
)
from domain.events import Event
from domain.ids import DepartmentId, MemberId, RoleId
from domain.tenants.decisions import SeatLimitReached
from domain.tenants.permissions import SEATED
from domain.tenants.plans import plan_on
from services.api.keys import KEY, issue
from services.demo import people
from services.demo.companies import Post
from services.demo.handing_over import hand_over, has_steps
from services.demo.names import Name
from services.demo.office import Office
from services.demo.simulation import Errand

INVITATION_LASTS = timedelta(days=8)


@dataclass(slots=True)
class Staffing:
    """The people of one company. `keys` has the key texts of those a newcomer may want to look through."""

    office: Office
    names: Iterator[Name]
    secret: Callable[[], bytes]
    keys: dict[MemberId, str] = field(default_factory=dict)
    roles: dict[str, list[MemberId]] = field(default_factory=dict)

    def new_key(self, member: MemberId, at: datetime) -> tuple[str, str]:
        """A key's id and its secret's SHA-256; its text is kept."""
        key = self.office.world.ids.new(at)
        issued = issue(KEY, self.office.id, key, lambda _: self.secret())
        self.keys[member] = issued.text
        return key, issued.sha256

    def hold(self, member: MemberId, roles: str) -> None:
        """Note that someone is to hold these roles; `set_role` says so."""
        for role in roles.split():
            self.roles.setdefault(role, []).append(member)

    def set_role(self, role: str, _: datetime) -> Errand | None:
        """Say who holds a role now."""
        holders = tuple(self.roles.get(role, ()))
        if self.office.tenant.holders.get(RoleId(role), ()) == holders:
            return None
        return self.office.errand(SetRoleHolders(RoleId(role), holders), self.office.admin())

    def invite(self, at: datetime, post: Post, person: Name | None = None, *, silent: bool = False) -> None:
        """Have someone invited at `at`; `silent` lets the invitation run out, and another one follows."""
        self.office.put(at, partial(self._invite, post, person or next(self.names), silent), None)

    def _invite(self, post: Post, person: Name, silent: bool, at: datetime) -> Errand | None:
        office = self.office
        member = MemberId(office.world.ids.new(at))
        token = sha256(self.secret()).hexdigest()
        address = f"{person.spelt}@{office.plan.domain}"
        command = InviteMember(
            member, person.name, address, post.permission, DepartmentId(post.department), token
        )
        if post.permission in SEATED and self._is_full(at):
            self._buy_seats(at, post, person)
            return office.errand(command, office.admin(), refusal=SeatLimitReached)
        self.hold(member, post.roles)
        return office.errand(command, office.admin(), partial(self._invited, command, post, person, silent))

    def _is_full(self, at: datetime) -> bool:
        tenant = self.office.tenant
        return tenant.seats is not None and tenant.seats_held(at) >= tenant.seats

    def _buy_seats(self, at: datetime, post: Post, person: Name) -> None:
        """The next plan, and then the invitation again."""
        self.office.put(at + timedelta(minutes=40), self.choose_plan, None)
        self.invite(at + timedelta(minutes=55), post, person)

    def choose_plan(self, at: datetime) -> Errand | None:
        """The first plan of the company's that has a seat more than are held."""
        held = self.office.tenant.seats_held(at)
        for name, seats in self.office.plan.plans:
            limit = plan_on(name, at.date()).seats or seats
            if limit is not None and limit > held and self.office.tenant.plan != name:
                reason = people.reason(self.office.chance, "plan") if self.office.tenant.plan else None
                return self.office.errand(ChoosePlan(name, seats), self.office.owner(), reason=reason)
        return None

    def _invited(
        self, command: InviteMember, post: Post, person: Name, silent: bool, at: datetime, events: Sequence[Event]
    ) -> None:
        office = self.office
        office.told(at, events)
        if silent:
            self.roles = {role: [m for m in ms if m != command.member] for role, ms in self.roles.items()}
            self.invite(office.hours.at(office.hours.business_day((at + INVITATION_LASTS).date()), 10), post, person)
            return
        answers = self._answer(at, post)
        office.put(answers, partial(self._accept, command.member, command.token_sha256), None)
        if office.tenant.plan is not None:
            self._set_roles(answers + timedelta(minutes=30), post.roles)

    def _answer(self, at: datetime, post: Post) -> datetime:
        """When an invitation is accepted: mostly at once, sometimes on its last day."""
        hours, dice = self.office.hours, self.office.chance.random()
        if dice < 0.7 or post.permission != "member":
            return hours.soon(at, 60)
        if dice < 0.94:
            return hours.on(hours.business_day(hours.today(at), 1))
        return at + timedelta(days=6, hours=12)

    def _accept(self, member: MemberId, token: str, at: datetime) -> Errand:
        key, key_fingerprint = self.new_key(member, at)
        return self.office.errand(AcceptInvitation(member, token, key, key_fingerprint), None)

    def _set_roles(self, at: datetime, roles: str) -> None:
        for role in roles.split():
            self.office.put(at, partial(self.set_role, role), None)

    def hire(self, joining: date, post: Post) -> None:
        """Someone joins: the papers five weeks ahead, a computer three weeks ahead, an account on the day."""
        office, hours, person = self.office, self.office.hours, next(self.names)
        papers = hours.on(hours.business_day(joining - timedelta(days=38)))
        title = office.plan.departments[post.department]
        subject = f"{person.name} {joining.month}月{joining.day}日入社({title})"
        office.begin(papers, "hr-1", "hr", subject, joining=joining)
        computer = hours.on(hours.business_day(joining - timedelta(days=22)))
        office.begin(computer, "it-1", "it", f"{person.name} 入社用PC", use_from=joining)
        self.invite(hours.on(hours.business_day(joining)), post, person)

    def leave(self, day: date) -> None:
        """Someone leaves on `day`, having given notice six weeks before; a successor joins after."""
        hours = self.office.hours
        notice = hours.before(day - timedelta(days=42))
        self.office.put(hours.at(notice, 9, 30), partial(self._give_notice, notice, day))

    def _give_notice(self, notice: date, day: date, _: datetime) -> None:
        office, hours = self.office, self.office.hours
        leaver = self._dispensable()
        if leaver is None:
            return
        member = office.tenant.members[leaver]
        roles = self.resign(leaver)
        subject = f"{member.name} {day.month}月{day.day}日退職"
        office.begin(hours.on(notice), "hr-2", "hr", subject, notice=notice, leaving=day)
        self.depart(leaver, roles, day)
        department = member.department or next(iter(office.plan.departments))
        self.hire(hours.business_day(day, 6), Post(department, roles))

    def _dispensable(self) -> MemberId | None:
        """A member without whom two others hold each of their roles."""
        chosen = {m for holders in self.roles.values() if len(holders) < 3 for m in holders}
        held = {m for holders in self.roles.values() for m in holders}
        members = self.office.tenant.members.values()
        active = [m.id for m in members if m.status == "active" and m.permission == "member"]
        can_go = [m for m in active if m in held and m not in chosen]
        return self.office.chance.choice(can_go) if can_go else None

    def resign(self, member: MemberId) -> str:
        """Note that someone gives up their roles, which are returned; `depart` says so on the day."""
        roles = [role for role, holders in self.roles.items() if member in holders]
        self.roles = {role: [m for m in ms if m != member] for role, ms in self.roles.items()}
        return " ".join(roles)

    def depart(self, member: MemberId, roles: str, day: date, why: str = "leave") -> None:
        """The last day: roles at 15:00, open steps at 16:00, the account at 18:00."""
        hours, office = self.office.hours, self.office
        self._set_roles(hours.at(hours.before(day), 15), roles)
        office.put(hours.at(hours.before(day), 16), partial(hand_over, office, member, "handover"), None)
        office.put(hours.at(hours.before(day), 18), partial(self._deactivate, member, why), None)

    def _deactivate(self, member: MemberId, why: str, at: datetime) -> Errand | None:
        office = self.office
        if has_steps(office, member):
            office.put(at + timedelta(minutes=10), partial(hand_over, office, member, "handover"), None)
            office.put(at + timedelta(minutes=30), partial(self._deactivate, member, why), None)
            return None
        reason = people.reason(self.office.chance, why)
        return self.office.errand(DeactivateMember(member), self.office.admin(), reason=reason)

    def take_leave(self, day: date, back: date) -> None:
        """Someone is away for some months (休職), and comes back when a seat is free."""
        self.office.put(self.office.hours.at(day, 9, 10), partial(self._take_leave, day, back))

    def _take_leave(self, day: date, back: date, _: datetime) -> None:
        member = self._dispensable()
        if member is None:
            return
        roles = self.resign(member)
        self.depart(member, roles, day, "leave_of_absence")
        self.office.put(self.office.hours.at(back, 9), partial(self._come_back, member, roles), None)

    def _come_back(self, member: MemberId, roles: str, at: datetime) -> Errand | None:
        if self._is_full(at):
            return None
        self.hold(member, roles)
        self._set_roles(at + timedelta(minutes=30), roles)
        self.office.put(at + timedelta(minutes=20), partial(self._let_in, member), None)
        return self.office.errand(ReactivateMember(member), self.office.admin())

    def _let_in(self, member: MemberId, at: datetime) -> Errand:
        """Their keys went when they left: the owner issues a first one."""
        key, fingerprint = self.new_key(member, at)
        command = IssueApiKey(key, member, "復職", fingerprint)
        return self.office.errand(command, self.office.owner(), reason=people.reason(self.office.chance, "return"))
