"""What has happened to a procedure."""

from dataclasses import dataclass
from typing import ClassVar

from domain.procedures.definition import Definition


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """A draft was written, or written anew; it changes no run."""

    type: ClassVar[str] = "procedure.draft_saved"
    schema: ClassVar[int] = 2
    definition: Definition


@dataclass(frozen=True, slots=True)
class ProcedurePublished:
    """The draft became a version that runs can start with; it never changes again."""

    type: ClassVar[str] = "procedure.published"
    schema: ClassVar[int] = 2
    version: int
    definition: Definition


@dataclass(frozen=True, slots=True)
class ProcedureRetired:
    """No more runs start; those under way go on."""

    type: ClassVar[str] = "procedure.retired"


ProcedureEvent = DraftSaved | ProcedurePublished | ProcedureRetired
