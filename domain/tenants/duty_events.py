"""What has happened to duties: who holds a role, what was handed over (引継ぎ), and who is away (不在)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.ids import MemberId, RoleId
from domain.tenants.handovers import Receiver, Rule, Staying


@dataclass(frozen=True, slots=True)
class RoleHoldersSet:
    """Who holds a role of the company's procedures, in order."""

    type: ClassVar[str] = "tenant.role_holders_set"
    role: RoleId
    old: tuple[MemberId, ...]
    new: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a member held went to others by rules (引継ぎ); what would come to them by name goes there from now on.

    Each open step says so itself, by a reassignment under the same command; `steps` is how many there were. `own`:
    the member decided it themselves, without being a manager. `stays` is all that did not move.
    """

    type: ClassVar[str] = "tenant.handed_over"
    handover: str
    member: MemberId
    rules: tuple[Rule, ...]
    own: bool
    steps: int
    receivers: tuple[Receiver, ...]
    stays: tuple[Staying, ...]


@dataclass(frozen=True, slots=True)
class HandoverUndone:
    """What was still as a handover left it went back; `stays` is what was not."""

    type: ClassVar[str] = "tenant.handover_undone"
    handover: str
    member: MemberId
    steps: int
    stays: tuple[Staying, ...]


@dataclass(frozen=True, slots=True)
class AbsenceSet:
    """A member is away (不在) from a day until another, both included; new steps go to their delegates then."""

    type: ClassVar[str] = "tenant.absence_set"
    member: MemberId
    starts: date
    until: date
    delegates: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True)
class AbsenceEnded:
    """An absence ended early: `on` is the first day on which the member is there again."""

    type: ClassVar[str] = "tenant.absence_ended"
    member: MemberId
    starts: date
    on: date


DutyEvent = RoleHoldersSet | HandedOver | HandoverUndone | AbsenceSet | AbsenceEnded
