"""What time will bring, and when: the scheduler asks it across all companies, and gives the commands that are due.

To add a kind: a row here from the event that sets the time, gone with the events that settle it; and the command it
leads to in `services/scheduling.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Meta
from domain.tenants import events as e
from domain.tenants import plan_events as p
from projections.engine import Projection, Row, Rows

TRIAL, INVITATION, PLAN_CHANGE = "trial", "invitation", "plan_change"
KINDS = (TRIAL, INVITATION, PLAN_CHANGE)
"""The kinds; `subject` is the company, the invited member, and the company."""

DDL = """
CREATE TABLE deadline (
    tenant_id uuid NOT NULL, stream_id uuid NOT NULL, kind text NOT NULL, subject uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, stream_id, kind, subject));
CREATE INDEX deadline_at ON deadline (at, tenant_id, kind, subject);
"""


@dataclass(slots=True)
class Deadline(Row):
    """At that instant something happens to the subject, unless an event settles it before."""

    table: ClassVar[str] = "deadline"
    scope: ClassVar[str] = "stream_id"
    key: ClassVar[tuple[str, ...]] = ("kind", "subject")
    tenant_id: str
    stream_id: str
    kind: str
    subject: str
    at: datetime


deadlines = Projection("deadlines", version=1, tables=(Deadline,), ddl=DDL)


def _set(rows: Rows, kind: str, subject: str, at: datetime, meta: Meta) -> None:
    rows.add(Deadline(meta.tenant, meta.stream, kind, subject, at))


@deadlines.on(e.TrialStarted)
def _trial(rows: Rows, event: e.TrialStarted, meta: Meta) -> None:
    _set(rows, TRIAL, meta.tenant, event.ends_at, meta)


@deadlines.on(p.TrialEnded)
def _trial_over(rows: Rows, _: p.TrialEnded, meta: Meta) -> None:
    rows.drop(Deadline, (TRIAL, meta.tenant))


@deadlines.on(e.MemberInvited)
def _invited(rows: Rows, event: e.MemberInvited, meta: Meta) -> None:
    _set(rows, INVITATION, event.member, event.expires_at, meta)


Answered = e.InvitationAccepted | e.InvitationExpired | e.MemberDeactivated | e.MemberProvisioned


@deadlines.on(e.InvitationAccepted, e.InvitationExpired, e.MemberDeactivated, e.MemberProvisioned)
def _answered(rows: Rows, event: Answered, _: Meta) -> None:
    rows.drop(Deadline, (INVITATION, event.member))


@deadlines.on(p.PlanChangeScheduled, p.CancellationScheduled)
def _pending(rows: Rows, event: p.PlanChangeScheduled | p.CancellationScheduled, meta: Meta) -> None:
    _set(rows, PLAN_CHANGE, meta.tenant, event.effective_at, meta)


@deadlines.on(e.PlanChosen, p.PlanLapsed)
def _settled(rows: Rows, _: e.PlanChosen | p.PlanLapsed, meta: Meta) -> None:
    rows.drop(Deadline, (TRIAL, meta.tenant))
    rows.drop(Deadline, (PLAN_CHANGE, meta.tenant))


@deadlines.on(p.PlanChangeWithdrawn, p.CancellationWithdrawn, p.PlanChangeRefused, p.PlanCancelled)
def _not_pending(rows: Rows, _: p.PlanEvent, meta: Meta) -> None:
    rows.drop(Deadline, (PLAN_CHANGE, meta.tenant))
