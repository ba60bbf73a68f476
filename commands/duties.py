"""Commands on what people have to do: hand over, undo that, move steps, be away."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from commands.request import Request
from commands.tenants import TenantCommand, asker
from commands.wide import Sight, Wants, WideCommand, named_by
from domain.duties import absences, handing_over, moving, undoing
from domain.duties.handing_over import Decided
from domain.duties.moving import Move
from domain.ids import MemberId, RunId
from domain.runs.events import StepReassigned
from domain.tenants.duty_events import RoleHoldersSet
from domain.tenants.events import TenantEvent
from domain.tenants.handovers import Rule
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class HandOver(WideCommand):
    """Hand over everything a member holds to others, by rules, with a reason. Its id is the command's."""

    name: ClassVar[str] = "hand_over"
    member: MemberId
    rules: tuple[Rule, ...]

    def wants(self) -> Wants:
        """All that the member holds, and the procedures that the rules name."""
        return Wants(self.member, procedures=named_by(self.rules), loads=True)

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See handing_over.hand_over."""
        return handing_over.hand_over(sight.world, request.command, self.member, self.rules, by, request.reason)


@dataclass(frozen=True, slots=True)
class UndoHandover(WideCommand):
    """Give back what is still as a handover left it, with a reason."""

    name: ClassVar[str] = "undo_handover"
    handover: str

    def wants(self) -> Wants:
        """What the handover did, and its runs."""
        return Wants(handover=self.handover)

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See undoing.undo."""
        moved = [(RunId(new.stream), new.event) for new in sight.past if isinstance(new.event, StepReassigned)]
        holders = [new.event for new in sight.past if isinstance(new.event, RoleHoldersSet)]
        return undoing.undo(sight.world, self.handover, moved, holders, by, request.reason)


@dataclass(frozen=True, slots=True)
class MoveSteps(WideCommand):
    """Give open steps to other people, all of them or none, with a reason."""

    name: ClassVar[str] = "move_steps"
    moves: tuple[Move, ...]

    def wants(self) -> Wants:
        """The runs of the steps."""
        return Wants(runs=tuple(dict.fromkeys(move.run for move in self.moves)))

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See moving.move."""
        return moving.move(sight.world, self.moves, request.reason)


@dataclass(frozen=True, slots=True)
class SetAbsence(WideCommand):
    """Be away for some days; delegates do the new steps meanwhile, and with `open_steps` those that are open now."""

    name: ClassVar[str] = "set_absence"
    member: MemberId
    starts: date
    until: date
    delegates: tuple[MemberId, ...]
    open_steps: bool = False

    def wants(self) -> Wants:
        """The company alone, or the runs where a step is the member's."""
        return Wants(self.member, loads=True) if self.open_steps else Wants()

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See absences.set_absence and handing_over.open_steps_to."""
        world = sight.world
        today = world.tenant.today(request.at)
        events = absences.set_absence(
            world.tenant, self.member, self.starts, self.until, self.delegates, by, today
        )
        if not self.open_steps:
            return Decided({}, events)
        return Decided(handing_over.open_steps_to(world, self.member, self.delegates, by), events)


@dataclass(frozen=True, slots=True)
class EndAbsence(TenantCommand):
    """Be there again from today on, or not be away at all."""

    name: ClassVar[str] = "end_absence"
    member: MemberId

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See absences.end_absence."""
        return [*absences.end_absence(tenant, self.member, asker(by), tenant.today(request.at))]
