"""What has happened to what a company keeps: whom it erased, what it must not, for how long, and its end.

None of these events holds personal data itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.ids import MemberId, ProcedureId, RunId


@dataclass(frozen=True, slots=True)
class PersonErased:
    """A person's data were erased: those of a former member, of whom some runs were about, or both.

    The append of this event destroys the member's key, and that of each run's `run.subject_erased` the run's.
    """

    type: ClassVar[str] = "tenant.person_erased"
    erasure: str
    member: MemberId | None
    runs: tuple[RunId, ...]


@dataclass(frozen=True, slots=True)
class HoldSet:
    """A legal hold (保全): nothing of a member, of a run, or of all the company is erased until it is released."""

    type: ClassVar[str] = "tenant.hold_set"
    hold: str
    member: MemberId | None
    run: RunId | None


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """The hold stands in nobody's way any more."""

    type: ClassVar[str] = "tenant.hold_released"
    hold: str


@dataclass(frozen=True, slots=True)
class RetentionSet:
    """For how many years after their end the runs of a procedure are kept; of those without one, `procedure` is None.

    `new` is None where nothing is said.
    """

    type: ClassVar[str] = "tenant.retention_set"
    procedure: ProcedureId | None
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class EndAnnounced:
    """The company will leave: it is read-only from now on, and from `keys_until` on its keys may be destroyed."""

    type: ClassVar[str] = "tenant.end_announced"
    keys_until: datetime


@dataclass(frozen=True, slots=True)
class EndWithdrawn:
    """The company stays."""

    type: ClassVar[str] = "tenant.end_withdrawn"
    keys_until: datetime


@dataclass(frozen=True, slots=True)
class TenantClosed:
    """The company left: this append destroys all of its keys. Its log stays, and is read without anything personal."""

    type: ClassVar[str] = "tenant.closed"


ErasureEvent = PersonErased | HoldSet | HoldReleased | RetentionSet | EndAnnounced | EndWithdrawn | TenantClosed
