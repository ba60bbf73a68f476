"""What only a run's own events tell: its comments and form values, and what each step asks (docs/decisions/017).

They are read on request and kept nowhere, so that erasing them from the log is erasing them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.events import Event
from domain.ids import FieldId, StepId, TenantId
from domain.procedures import state as procedures
from domain.procedures.definition import Definition
from domain.runs import state as runs
from domain.runs.events import Commented, StepCompleted, Value
from queries.run_comments import CommentRow
from queries.run_detail import RunRow


class Streams(Protocol):
    """Reads one tenant's streams, each after a version."""

    async def __call__(self, tenant: TenantId, after: Mapping[str, int]) -> Mapping[str, Sequence[Event]]:
        """The events of each stream; a stream without any is missing."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A run's state at the version that is shown, its whole stream, and the definition it is carried out by."""

    definition: Definition
    state: runs.Run
    events: Sequence[Event]
    version: int

    def values(self, step: StepId) -> Mapping[FieldId, Value]:
        """What was filled in last, personal values among it."""
        told = reversed(self.events[: self.version])
        done = (event for event in told if isinstance(event, StepCompleted) and event.step == step)
        return {**last.values, **last.personal_values} if (last := next(done, None)) else {}

    def text(self, comment: CommentRow) -> str:
        """What a comment says."""
        event = self.events[comment.version - 1]
        return event.text if isinstance(event, Commented) else ""


async def dossier(streams: Streams, tenant: TenantId, run: RunRow) -> Dossier:
    """The dossier of a run that the asker may see, at the version that `run` tells of."""
    found = await streams(tenant, {run.run_id: 0, run.procedure_id: 0})
    events = found[run.run_id]
    definition = procedures.fold(found[run.procedure_id]).versions[run.procedure_version]
    return Dossier(definition, runs.fold(events[: run.version]), events, run.version)


async def definitions_of(
    streams: Streams, tenant: TenantId, wanted: set[tuple[str, int]]
) -> Mapping[tuple[str, int], Definition]:
    """Published versions of procedures, each named by its procedure and number; unknown ones are missing."""
    found = await streams(tenant, {procedure: 0 for procedure, _ in wanted}) if wanted else {}
    known = {procedure: procedures.fold(events).versions for procedure, events in found.items()}
    return {
        (procedure, number): known[procedure][number]
        for procedure, number in wanted
        if number in known.get(procedure, {})
    }
