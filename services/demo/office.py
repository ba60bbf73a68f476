"""A company while it lives: who is there, which procedures it has, which runs are open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from commands.catalogue import Command
from domain.events import Event
from domain.ids import MemberId, ProcedureId, RunId, TenantId
from domain.procedures.definition import Definition
from domain.refusals import Refusal
from domain.tenants import state as tenants
from domain.tenants.permissions import DOERS, MANAGERS, MEMBERS
from services.demo.companies import CompanyPlan
from services.demo.hours import Hours
from services.demo.people import Temper, temper
from services.demo.simulation import Act, Errand, Simulation, Told

if TYPE_CHECKING:
    from services.demo.cases import Case


@dataclass(slots=True)
class Office:
    """One company. Its chance decides all that happens in it, and nothing else."""

    plan: CompanyPlan
    id: TenantId
    world: Simulation
    hours: Hours
    chance: Random
    tenant: tenants.Tenant = field(default_factory=tenants.Tenant)
    procedures: dict[str, tuple[ProcedureId, Definition]] = field(default_factory=dict)
    cases: dict[RunId, "Case"] = field(default_factory=dict)
    tempers: dict[MemberId, Temper] = field(default_factory=dict)

    def put(self, at: datetime, act: Act, stream: str | None = "") -> None:
        """Have something done at `at`; see Agenda.put."""
        self.world.agenda.put(at, act, stream)

    def put_command(self, at: datetime, actor: MemberId, command: Command) -> None:
        """Have someone send a command on the company itself, or on one of its procedures, at `at`."""
        self.put(at, lambda _: self.errand(command, actor), None)

    def errand(
        self,
        command: Command,
        actor: MemberId | None,
        told: Told | None = None,
        reason: str | None = None,
        refusal: type[Refusal] | None = None,
    ) -> Errand:
        """A command on the company itself unless `told` listens for another stream."""
        return Errand(self.id, command, actor, told or self.told, reason, refusal)

    def told(self, _: datetime, __: Sequence[Event]) -> None:
        """What was written to the company's own stream."""
        self.tenant = self.world.log.states.get(self.id, self.tenant)

    def temper_of(self, member: MemberId) -> Temper:
        """How this person works: always the same."""
        if member not in self.tempers:
            self.tempers[member] = temper(self.chance)
        return self.tempers[member]

    def holders(self, role: str) -> list[MemberId]:
        """Who holds a role and can act."""
        return list(self.tenant.active_holders(role))  # type: ignore[arg-type]  # a NewType costs a call

    def doers(self) -> list[MemberId]:
        """Who can carry out steps."""
        return [m.id for m in self.tenant.members.values() if m.status == "active" and m.permission in DOERS]

    def starters(self, role: str) -> list[MemberId]:
        """Who can start a run in that role."""
        return [m for m in self.holders(role) if self.tenant.members[m].permission in MEMBERS]

    def manager(self) -> MemberId:
        """Someone who may reassign, skip and cancel."""
        active = [m for m in self.tenant.members.values() if m.status == "active" and m.permission in MANAGERS]
        managers = [m.id for m in active if m.permission == "manager"]
        return self.chance.choice(managers or [m.id for m in active])

    def admin(self) -> MemberId:
        """Who looks after the members."""
        members = [m for m in self.tenant.members.values() if m.status == "active"]
        admins = [m.id for m in members if m.permission == "admin"]
        return admins[0] if admins else self.owner()

    def owner(self) -> MemberId:
        """The first owner."""
        return next(m.id for m in self.tenant.members.values() if m.permission == "owner")

    def begin(self, at: datetime, code: str, role: str, subject: str, **anchors: date) -> None:
        """Have someone with that role start a run at `at`; anchors' names have `_` for `-`."""
        from services.demo.cases import Case

        run = RunId(self.world.ids.new(at))
        days = {name.replace("_", "-"): day for name, day in anchors.items()}
        self.put(at, partial(Case.start, self, run, code, role, subject, days), run)
