"""Commands on what a company keeps: erase a person, hold, retain, end."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from commands.request import Request
from commands.tenants import TenantCommand
from commands.wide import Sight, Wants, WideCommand
from domain.duties.handing_over import Decided
from domain.erasure import erasing, keeping
from domain.ids import MemberId, ProcedureId, RunId
from domain.tenants.events import TenantEvent
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class ErasePerson(WideCommand):
    """Erase (消去) what is personal of a former member, of those whom closed runs were about, or of both: for good.

    A reason is needed. What they did stays on record under their id.
    """

    name: ClassVar[str] = "erase_person"
    member: MemberId | None = None
    runs: tuple[RunId, ...] = ()

    def wants(self) -> Wants:
        """The runs."""
        return Wants(runs=self.runs)

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See erasing.erase."""
        today = sight.world.tenant.today(request.at)
        return erasing.erase(sight.world, request.command, self.member, self.runs, by, request.reason, today)


@dataclass(frozen=True, slots=True)
class SetHold(WideCommand):
    """Hold (保全) what is there of a member, of a run, or without either of the whole company, with a reason.

    Nothing of it is erased until the hold is released.
    """

    name: ClassVar[str] = "set_hold"
    member: MemberId | None = None
    run: RunId | None = None

    def wants(self) -> Wants:
        """The run."""
        return Wants(runs=(self.run,) if self.run else ())

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See keeping.set_hold."""
        tenant, cases = sight.world.tenant, sight.world.cases
        run = cases[self.run].run if self.run and self.run in cases else None
        return Decided({}, keeping.set_hold(tenant, request.command, self.member, self.run, run, request.reason))


@dataclass(frozen=True, slots=True)
class ReleaseHold(TenantCommand):
    """Release a hold, with a reason."""

    name: ClassVar[str] = "release_hold"
    hold: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See keeping.release_hold."""
        return [*keeping.release_hold(tenant, self.hold, request.reason)]


@dataclass(frozen=True, slots=True)
class SetRetention(WideCommand):
    """Say for how many years (保存期間) the runs of a procedure, or of all others, are kept after their end.

    Until then nobody whom they are about is erased; afterwards `ashiato retention` lists them. A reason is needed.
    """

    name: ClassVar[str] = "set_retention"
    procedure: ProcedureId | None
    years: int | None

    def wants(self) -> Wants:
        """The procedure."""
        return Wants(procedures=(self.procedure,) if self.procedure else ())

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See keeping.set_retention."""
        world = sight.world
        events = keeping.set_retention(world.tenant, self.procedure, self.years, world.procedures, request.reason)
        return Decided({}, events)


@dataclass(frozen=True, slots=True)
class AnnounceEnd(TenantCommand):
    """Announce that the company leaves, with a reason: it is read-only at once, and everything can be taken along.

    From `keys_until` on, 30 days ahead at least, the operator may destroy its keys.
    """

    name: ClassVar[str] = "announce_end"
    keys_until: datetime

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See keeping.announce_end."""
        return [*keeping.announce_end(tenant, self.keys_until, request.reason, request.at)]


@dataclass(frozen=True, slots=True)
class WithdrawEnd(TenantCommand):
    """Stay after all, with a reason."""

    name: ClassVar[str] = "withdraw_end"

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See keeping.withdraw_end."""
        return [*keeping.withdraw_end(tenant, request.reason)]


@dataclass(frozen=True, slots=True)
class CloseTenant(TenantCommand):
    """Destroy the keys of a company whose announced end has come; its log stays, without anything personal."""

    name: ClassVar[str] = "close_tenant"
    by_service: ClassVar[bool] = True

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See keeping.close."""
        return [*keeping.close(tenant, request.reason, request.at)]
