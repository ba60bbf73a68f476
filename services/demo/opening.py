"""A company's first weeks: it signs up, invites its people, says who holds which role, adopts procedures, pays."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from commands.procedures import PublishProcedure, RetireProcedure, SaveDraft
from commands.tenants import AddDepartment, SignUp
from domain.ids import DepartmentId, MemberId, ProcedureId
from domain.procedures.definition import Definition
from domain.procedures.starter import ROLES, STARTER
from services.demo import people
from services.demo.office import Office
from services.demo.own_procedures import HELP_DESK, LENDING
from services.demo.simulation import Errand
from services.demo.staffing import Staffing


@dataclass(slots=True)
class Opening:
    """The first weeks of one company, planned from its first business day on."""

    office: Office
    staffing: Staffing
    first: date
    published: dict[str, ProcedureId] = field(default_factory=dict)

    def plan(self) -> None:
        """Put everything of the first weeks on the agenda."""
        office, hours = self.office, self.office.hours
        owner = MemberId(office.world.ids.new(hours.at(self.first, 10)))
        office.put(hours.at(self.first, 10), partial(self._sign_up, owner), None)
        for minute, (department, title) in enumerate(office.plan.departments.items(), 20):
            command = AddDepartment(DepartmentId(department), title)
            office.put_command(hours.at(self.first, 10, minute), owner, command)
        self._invite_all()
        for role in ROLES:
            office.put(hours.at(self._day(4), 9), partial(self.staffing.set_role, role), None)
        self._adopt()
        office.put(hours.at(self._day(5), 16), self.staffing.choose_plan, None)

    def _day(self, number: int) -> date:
        return self.office.hours.business_day(self.first, number)

    def _sign_up(self, owner: MemberId, at: datetime) -> Errand:
        office, person = self.office, next(self.staffing.names)
        key, fingerprint = self.staffing.new_key(owner, at)
        self.staffing.hold(owner, office.plan.posts[0].roles)
        address = f"{person.spelt}@{office.plan.domain}"
        command = SignUp(office.plan.name, "Asia/Tokyo", owner, person.name, address, key, fingerprint)
        return office.errand(command, None)

    def _invite_all(self) -> None:
        """Administrators and managers on the first day, the others on the next two; the last one never answers."""
        posts = [post for post in self.office.plan.posts[1:] for _ in range(post.count)]
        posts.sort(key=lambda post: post.permission not in ("admin", "manager"))
        for number, post in enumerate(posts):
            leads = post.permission in ("admin", "manager")
            at = self.office.hours.on(self.first if leads else self._day(1 + number % 2))
            after_sign_up = self.office.hours.at(self.first, 11 + leads * number // 2, number)
            never = number == len(posts) - 1
            self.staffing.invite(max(at, after_sign_up), post, silent=never)

    def _adopt(self) -> None:
        office, hours = self.office, self.office.hours
        own = {"help": HELP_DESK, "lend": LENDING} if office.plan.has_own_procedures else {}
        for number, (code, definition) in enumerate({**STARTER, **own}.items()):
            at = hours.at(self._day(2 + number % 3), 13, number * 3)
            self._publish(at, code, definition)
        again = replace(STARTER["fin-2"], summary=STARTER["fin-2"].summary + " 電子の請求書は電子のまま保存します。")
        self._publish(hours.at(self._day(45), 14), "fin-2", again)
        if own:
            self._give_up_lending()

    def _publish(self, at: datetime, code: str, definition: Definition) -> None:
        """A manager writes the draft, and publishes it twenty minutes later."""
        procedure = self.published.setdefault(code, ProcedureId(self.office.world.ids.new(at)))
        self.office.put(at, partial(self._save, procedure, definition), None)
        self.office.put(at + timedelta(minutes=20), partial(self._make_public, code, procedure, definition), None)

    def _save(self, procedure: ProcedureId, definition: Definition, _: datetime) -> Errand:
        return self.office.errand(SaveDraft(procedure, definition), self.office.admin())

    def _make_public(self, code: str, procedure: ProcedureId, definition: Definition, _: datetime) -> Errand:
        self.office.procedures[code] = procedure, definition
        return self.office.errand(PublishProcedure(procedure), self.office.admin())

    def _give_up_lending(self) -> None:
        hours = self.office.hours
        for number in (12, 20, 31):
            day = self._day(number)
            self.office.begin(hours.on(day), "lend", "general-affairs", "プロジェクター", lent=day)
        self.office.put(hours.at(self._day(42), 11), self._retire_lending, None)

    def _retire_lending(self, _: datetime) -> Errand:
        procedure, _definition = self.office.procedures.pop("lend")
        reason = people.reason(self.office.chance, "retire")
        return self.office.errand(RetireProcedure(procedure), self.office.admin(), reason=reason)

