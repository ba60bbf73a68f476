"""Commands on people's data: erase a person."""

from dataclasses import dataclass
from typing import ClassVar

from commands.request import Request
from commands.wide import Sight, Wants, WideCommand
from domain.duties.handing_over import Decided
from domain.erasure import erasing
from domain.ids import MemberId, RunId
from domain.tenants.member import Member


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
        return erasing.erase(sight.world, request.command, self.member, self.runs, by, request.reason)
