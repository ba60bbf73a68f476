"""The plan: what a company has, what is pending, what was refused last, and how it came to that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from queries.asking import Ask, AsOf, Question

PlanState = Literal["trial", "trial_ended", "active", "cancelled", "lapsed"]

PLAN = """
SELECT plan, seats, yen_a_month, since_seq, since, trial_ends_at, ended, pending, pending_plan, pending_seats,
       pending_yen_a_month, pending_at, pending_seq, refused_plan, refused_seats, refused_surplus, refused_held_by,
       refused_at, refused_seq
FROM plan_now WHERE tenant_id = %(tenant)s
"""
HISTORY = """
SELECT s.seq, s.at, s.type, s.old, s.new, s.seats, s.yen_a_month, s.effective_at, s.surplus, s.held_by, s.actor,
       p.name AS actor_name, s.reason
FROM plan_step s
LEFT JOIN person p ON p.tenant_id = s.tenant_id AND p.member_id = s.actor
WHERE s.tenant_id = %(tenant)s
ORDER BY s.seq
"""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What holds since an event. `plan` is None on trial, and after an end: `ended` says which, once that is an event.

    `seats` is the limit, None for no limit. `pending` is "change" or "cancellation", at `pending_at`. A change that was
    refused at its moment stays here until something else is chosen.
    """

    plan: str | None
    seats: int | None
    yen_a_month: int | None
    since_seq: int
    since: datetime
    trial_ends_at: datetime | None
    ended: str | None
    pending: str | None
    pending_plan: str | None
    pending_seats: int | None
    pending_yen_a_month: int | None
    pending_at: datetime | None
    pending_seq: int | None
    refused_plan: str | None
    refused_seats: int | None
    refused_surplus: int | None
    refused_held_by: Sequence[str] | None
    refused_at: datetime | None
    refused_seq: int | None


@dataclass(frozen=True, slots=True)
class PlanStepRow:
    """One event about the plan, and who made it; `old` and `new` are plans, `seats` the new one's limit."""

    seq: int
    at: datetime
    type: str
    old: str | None
    new: str | None
    seats: int | None
    yen_a_month: int | None
    effective_at: datetime | None
    surplus: int | None
    held_by: Sequence[str] | None
    actor: str | None
    actor_name: str | None
    reason: str | None


PLAN_QUESTION = Question(PLAN, PlanRow, ("plan_now",))
HISTORY_QUESTION = Question(HISTORY, PlanStepRow, ("plan_step",), labels=("person",))


async def plan_now(ask: Ask, tenant: str, *, as_of: AsOf | None = None) -> PlanRow | None:
    """What holds, now or then; None before the company signed up."""
    found = await ask(PLAN_QUESTION, tenant, {}, as_of=as_of)
    return found[0] if found else None


async def plan_history(ask: Ask, tenant: str, *, as_of: AsOf | None = None) -> list[PlanStepRow]:
    """Every event about the plan, the oldest first."""
    return await ask(HISTORY_QUESTION, tenant, {}, as_of=as_of)


def state_of(found: PlanRow, at: datetime) -> PlanState:
    """What the plan was worth at an instant: time decides, as it does for commands (`Tenant.read_only`)."""
    if found.plan is not None:
        over = found.pending == "cancellation" and found.pending_at is not None and at >= found.pending_at
        return "cancelled" if over else "active"
    if found.ended in ("cancelled", "lapsed"):
        return "cancelled" if found.ended == "cancelled" else "lapsed"
    return "trial" if found.trial_ends_at is not None and at < found.trial_ends_at else "trial_ended"
