"""What has happened to people's data: whom the company erased. The events hold no personal data themselves."""

from dataclasses import dataclass
from typing import ClassVar

from domain.ids import MemberId, RunId


@dataclass(frozen=True, slots=True)
class PersonErased:
    """A person's data were erased: those of a former member, of whom some runs were about, or both.

    The append of this event destroys the member's key, and that of each run's `run.subject_erased` the run's.
    """

    type: ClassVar[str] = "tenant.person_erased"
    erasure: str
    member: MemberId | None
    runs: tuple[RunId, ...]


ErasureEvent = PersonErased
