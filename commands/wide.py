"""Commands about many runs at once: what they want to look at, and what they decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from commands.ports import NewEvent
from commands.request import Request
from domain.duties.handing_over import Decided
from domain.duties.held import World
from domain.ids import MemberId, ProcedureId, RunId
from domain.tenants.handovers import Rule
from domain.tenants.member import Member


@dataclass(frozen=True, slots=True)
class Wants:
    """What a decision looks at beside the company: all that `member` holds, these runs and procedures.

    `handover` asks for the events of that handover, and the runs they are about; `loads` for everyone's open steps.
    """

    member: MemberId | None = None
    runs: tuple[RunId, ...] = ()
    procedures: tuple[ProcedureId, ...] = ()
    handover: str | None = None
    loads: bool = False


class Sight(NamedTuple):
    """What it sees: the world, and what the handover did that it asked for."""

    world: World
    past: Sequence[NewEvent] = ()


class WideCommand:
    """A command that reads and writes the company's stream and those of many runs, all in one append."""

    name: ClassVar[str]

    def wants(self) -> Wants:
        """What it looks at."""
        raise NotImplementedError

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """The events of each stream, or a refusal."""
        raise NotImplementedError


def named_by(rules: Sequence[Rule]) -> tuple[ProcedureId, ...]:
    """The procedures that rules name."""
    return tuple(dict.fromkeys(rule.procedure for rule in rules if rule.procedure is not None))
