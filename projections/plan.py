"""The plan: what a company has, what is pending, what was refused last; and every step of that with its event."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Event, Meta
from domain.tenants import events as e
from domain.tenants import plan_events as p
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE plan_now (
    tenant_id uuid NOT NULL PRIMARY KEY, plan text, seats int, yen_a_month int, since_seq bigint NOT NULL,
    since timestamptz NOT NULL, trial_ends_at timestamptz, ended text, pending text, pending_plan text,
    pending_seats int, pending_yen_a_month int, pending_at timestamptz, pending_seq bigint, refused_plan text,
    refused_seats int, refused_surplus int, refused_held_by uuid[], refused_at timestamptz, refused_seq bigint);
CREATE TABLE plan_step (
    tenant_id uuid NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL, type text NOT NULL, old text, new text,
    seats int, yen_a_month int, effective_at timestamptz, surplus int, held_by uuid[], actor uuid, reason text,
    PRIMARY KEY (tenant_id, seq));
"""


@dataclass(slots=True)
class PlanNow(Row):
    """What holds. `pending` is "change" or "cancellation", `ended` how the trial or the last subscription did.

    The refused change is the last one, for as long as nothing was chosen since.
    """

    table: ClassVar[str] = "plan_now"
    scope: ClassVar[str] = "tenant_id"
    tenant_id: str
    plan: str | None
    seats: int | None
    yen_a_month: int | None
    since_seq: int
    since: datetime
    trial_ends_at: datetime | None = None
    ended: str | None = None
    pending: str | None = None
    pending_plan: str | None = None
    pending_seats: int | None = None
    pending_yen_a_month: int | None = None
    pending_at: datetime | None = None
    pending_seq: int | None = None
    refused_plan: str | None = None
    refused_seats: int | None = None
    refused_surplus: int | None = None
    refused_held_by: list[str] | None = None
    refused_at: datetime | None = None
    refused_seq: int | None = None


@dataclass(slots=True)
class PlanStep(Row):
    """One event about the plan."""

    table: ClassVar[str] = "plan_step"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("seq",)
    tenant_id: str
    seq: int
    at: datetime
    type: str
    old: str | None
    new: str | None
    seats: int | None
    yen_a_month: int | None
    effective_at: datetime | None
    surplus: int | None
    held_by: list[str] | None
    actor: str | None
    reason: str | None


plan = Projection("plan", version=1, tables=(PlanNow, PlanStep), ddl=DDL)


@plan.on(e.TrialStarted)
def _trial(rows: Rows, event: e.TrialStarted, meta: Meta) -> None:
    rows.add(PlanNow(meta.tenant, None, event.seats, None, meta.seq, meta.recorded_at, event.ends_at))
    _step(rows, event, meta, seats=event.seats, effective_at=event.ends_at)


@plan.on(p.TrialEnded)
def _trial_over(rows: Rows, event: p.TrialEnded, meta: Meta) -> None:
    rows.change(PlanNow).ended = "trial_ended"
    _step(rows, event, meta, effective_at=event.ended_at)


@plan.on(e.PlanChosen)
def _chosen(rows: Rows, event: e.PlanChosen, meta: Meta) -> None:
    old = rows.get(PlanNow)
    trial = old.trial_ends_at if old else None
    rows.add(PlanNow(meta.tenant, event.new, event.seats, event.yen_a_month, meta.seq, meta.recorded_at, trial))
    _step(rows, event, meta, event.old, event.new, event.seats, event.yen_a_month)


@plan.on(p.PlanChangeScheduled)
def _scheduled(rows: Rows, event: p.PlanChangeScheduled, meta: Meta) -> None:
    now = _heard(rows)
    now.pending, now.pending_plan, now.pending_seats = "change", event.new, event.seats
    now.pending_yen_a_month, now.pending_at, now.pending_seq = event.yen_a_month, event.effective_at, meta.seq
    _step(rows, event, meta, event.old, event.new, event.seats, event.yen_a_month, event.effective_at)


@plan.on(p.CancellationScheduled)
def _cancellation(rows: Rows, event: p.CancellationScheduled, meta: Meta) -> None:
    now = _heard(rows)
    now.pending, now.pending_at, now.pending_seq = "cancellation", event.effective_at, meta.seq
    _step(rows, event, meta, event.plan, effective_at=event.effective_at)


@plan.on(p.PlanChangeWithdrawn)
def _withdrawn(rows: Rows, event: p.PlanChangeWithdrawn, meta: Meta) -> None:
    _heard(rows)
    _step(rows, event, meta, None, event.new, event.seats, effective_at=event.effective_at)


@plan.on(p.CancellationWithdrawn)
def _kept(rows: Rows, event: p.CancellationWithdrawn, meta: Meta) -> None:
    _heard(rows)
    _step(rows, event, meta, event.plan, effective_at=event.effective_at)


@plan.on(p.PlanChangeRefused)
def _refused(rows: Rows, event: p.PlanChangeRefused, meta: Meta) -> None:
    now = _heard(rows)
    held_by = [str(member) for member in event.held_by]
    now.refused_plan, now.refused_seats, now.refused_surplus = event.new, event.seats, event.surplus
    now.refused_held_by, now.refused_at, now.refused_seq = held_by, meta.recorded_at, meta.seq
    _step(rows, event, meta, event.old, event.new, event.seats, surplus=event.surplus, held_by=held_by)


@plan.on(p.PlanCancelled, p.PlanLapsed)
def _ended(rows: Rows, event: p.PlanCancelled | p.PlanLapsed, meta: Meta) -> None:
    trial = rows.change(PlanNow).trial_ends_at
    how = "cancelled" if isinstance(event, p.PlanCancelled) else "lapsed"
    rows.add(PlanNow(meta.tenant, None, 0, None, meta.seq, meta.recorded_at, trial, how))
    _step(rows, event, meta, event.old)


def _heard(rows: Rows) -> PlanNow:
    """What holds, with nothing pending and nothing refused any more."""
    old = rows.change(PlanNow)
    rows.add(
        PlanNow(
            old.tenant_id, old.plan, old.seats, old.yen_a_month, old.since_seq, old.since, old.trial_ends_at, old.ended
        )
    )
    return rows.change(PlanNow)


def _step(
    rows: Rows,
    event: Event,
    meta: Meta,
    old: str | None = None,
    new: str | None = None,
    seats: int | None = None,
    yen_a_month: int | None = None,
    effective_at: datetime | None = None,
    surplus: int | None = None,
    held_by: list[str] | None = None,
) -> None:
    rows.add(
        PlanStep(
            meta.tenant,
            meta.seq,
            meta.recorded_at,
            event.type,
            old,
            new,
            seats,
            yen_a_month,
            effective_at,
            surplus,
            held_by,
            meta.actor,
            meta.reason,
        )
    )
