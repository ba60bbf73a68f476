"""What the events of a plan make of a company's state: which fields change, and to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any, Literal

from domain.tenants import plan_events as p

Ended = Literal["trial_ended", "cancelled", "lapsed", "ending", "closed"]
"""Why nothing may be written: the trial has ended, or how the last subscription did."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What happens to the plan at the end of the billing month; `plan` is None when the subscription ends then."""

    at: datetime
    plan: str | None = None
    seats: int | None = None
    yen_a_month: int = 0


ENDED: Mapping[str, Any] = {"plan": None, "seats": 0, "yen_a_month": 0, "pending": None}


@singledispatch
def changes(event: p.PlanEvent) -> Mapping[str, Any]:
    """The fields of `Tenant` after the event; an unknown type is an error, never ignored."""
    raise TypeError(f"no rule for {type(event).__name__}")


@changes.register
def _(_: p.TrialEnded) -> Mapping[str, Any]:
    return {"ended": "trial_ended"}


@changes.register
def _(event: p.PlanChangeScheduled) -> Mapping[str, Any]:
    return {"pending": Pending(event.effective_at, event.new, event.seats, event.yen_a_month)}


@changes.register
def _(event: p.CancellationScheduled) -> Mapping[str, Any]:
    return {"pending": Pending(event.effective_at)}


@changes.register
def _(_: p.PlanChangeWithdrawn | p.CancellationWithdrawn | p.PlanChangeRefused) -> Mapping[str, Any]:
    return {"pending": None}


@changes.register
def _(_: p.PlanCancelled) -> Mapping[str, Any]:
    return {**ENDED, "ended": "cancelled"}


@changes.register
def _(_: p.PlanLapsed) -> Mapping[str, Any]:
    return {**ENDED, "ended": "lapsed"}
