"""What happens to a company's plan beside its being chosen. Released types never change their stored form."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.ids import MemberId


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """The trial ended at `ended_at` without a plan. Evidence: what may be done is decided by time, not by this."""

    type: ClassVar[str] = "tenant.trial_ended"
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class PlanChangeScheduled:
    """A smaller plan is to take effect at the end of the billing month; `seats` and the price are as promised now."""

    type: ClassVar[str] = "tenant.plan_change_scheduled"
    old: str
    new: str
    seats: int | None
    yen_a_month: int
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class PlanChangeWithdrawn:
    """The scheduled change will not happen."""

    type: ClassVar[str] = "tenant.plan_change_withdrawn"
    new: str
    seats: int | None
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class PlanChangeRefused:
    """At its moment more seats were held than the new plan has: the old plan stays, nothing is pending any more."""

    type: ClassVar[str] = "tenant.plan_change_refused"
    old: str
    new: str
    seats: int
    surplus: int
    held_by: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True)
class CancellationScheduled:
    """The subscription is to end with the billing month."""

    type: ClassVar[str] = "tenant.cancellation_scheduled"
    plan: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class CancellationWithdrawn:
    """The subscription goes on after all."""

    type: ClassVar[str] = "tenant.cancellation_withdrawn"
    plan: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class PlanCancelled:
    """The subscription ended as it was to: the company is read-only until a plan is chosen."""

    type: ClassVar[str] = "tenant.plan_cancelled"
    old: str


@dataclass(frozen=True, slots=True)
class PlanLapsed:
    """The operator ended the subscription: the company is read-only until a plan is chosen."""

    type: ClassVar[str] = "tenant.plan_lapsed"
    old: str


PlanEvent = (
    TrialEnded
    | PlanChangeScheduled
    | PlanChangeWithdrawn
    | PlanChangeRefused
    | CancellationScheduled
    | CancellationWithdrawn
    | PlanCancelled
    | PlanLapsed
)
