"""Commands on a procedure."""

from dataclasses import dataclass
from typing import ClassVar

from commands.request import Request
from domain.ids import ProcedureId
from domain.procedures import decisions
from domain.procedures.definition import Definition
from domain.procedures.events import ProcedureEvent
from domain.procedures.state import Procedure


class ProcedureCommand:
    """A command that reads and writes one procedure's stream."""

    name: ClassVar[str]
    procedure: ProcedureId

    def decide(self, procedure: Procedure, request: Request) -> list[ProcedureEvent]:
        """The events, or a refusal."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SaveDraft(ProcedureCommand):
    """Write a procedure's draft; a new id makes a new procedure."""

    name: ClassVar[str] = "save_draft"
    procedure: ProcedureId
    definition: Definition

    def decide(self, procedure: Procedure, request: Request) -> list[ProcedureEvent]:
        """See decisions.save_draft."""
        return decisions.save_draft(procedure, self.definition)


@dataclass(frozen=True, slots=True)
class PublishProcedure(ProcedureCommand):
    """Make the draft the version that runs start with."""

    name: ClassVar[str] = "publish_procedure"
    procedure: ProcedureId

    def decide(self, procedure: Procedure, request: Request) -> list[ProcedureEvent]:
        """See decisions.publish."""
        return decisions.publish(procedure)


@dataclass(frozen=True, slots=True)
class RetireProcedure(ProcedureCommand):
    """Let no more runs start, with a reason."""

    name: ClassVar[str] = "retire_procedure"
    procedure: ProcedureId

    def decide(self, procedure: Procedure, request: Request) -> list[ProcedureEvent]:
        """See decisions.retire."""
        return decisions.retire(procedure, request.reason)
