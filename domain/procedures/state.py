"""A procedure as its events left it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.procedures import events as e
from domain.procedures.definition import Definition


@dataclass(frozen=True, slots=True)
class Procedure:
    """A draft, if there is one, and every published version."""

    draft: Definition | None = None
    versions: Mapping[int, Definition] = field(default_factory=dict)
    retired: bool = False

    @property
    def exists(self) -> bool:
        """True once a draft was saved."""
        return self.draft is not None or bool(self.versions)

    @property
    def version(self) -> int:
        """The newest published version; 0 when there is none."""
        return max(self.versions, default=0)


def fold(events: Iterable[e.ProcedureEvent], procedure: Procedure | None = None) -> Procedure:
    """The procedure after these events."""
    procedure = procedure or Procedure()
    for event in events:
        procedure = evolve(event, procedure)
    return procedure


def evolve(event: e.ProcedureEvent, procedure: Procedure) -> Procedure:
    """The procedure after one more event."""
    if isinstance(event, e.DraftSaved):
        return replace(procedure, draft=event.definition)
    if isinstance(event, e.ProcedurePublished):
        versions = {**procedure.versions, event.version: event.definition}
        return Procedure(draft=None, versions=versions, retired=False)
    return replace(procedure, retired=True)
