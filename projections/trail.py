"""The audit trail: one entry for each event: who, for whom, what, when, why, old and new. Never personal data."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, NamedTuple

from domain.events import EVENT_TYPES, CommandRefused, Event, Meta
from domain.procedures import events as p
from domain.runs import events as r
from domain.tenants import duty_events as d
from domain.tenants import erasure_events as erasure
from domain.tenants import events as t
from domain.tenants import export_events as exports
from domain.tenants import plan_events as plans
from domain.tenants.anchor_events import AnchorWebhookSet
from domain.tenants.identity_events import MemberLinked, MemberUnlinked
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE trail_entry (
    tenant_id uuid NOT NULL, seq bigint NOT NULL, recorded_at timestamptz NOT NULL, occurred_at timestamptz,
    type text NOT NULL, stream_kind text NOT NULL, stream_id uuid NOT NULL, about_id uuid NOT NULL,
    version int NOT NULL, actor uuid, on_behalf_of uuid, reason text, step_id text, member_id uuid, old jsonb,
    new jsonb, command_id uuid NOT NULL, correlation uuid NOT NULL, causation uuid,
    PRIMARY KEY (tenant_id, seq));
CREATE INDEX trail_entry_about ON trail_entry (tenant_id, about_id, seq);
CREATE INDEX trail_entry_actor ON trail_entry (tenant_id, actor, seq);
CREATE INDEX trail_entry_causation ON trail_entry (tenant_id, causation, seq) WHERE causation IS NOT NULL;
"""


@dataclass(slots=True)
class TrailEntry(Row):
    """One event as an auditor reads it. `old` and `new` hold what changed, where something did.

    `about_id` is the run, procedure or company it is about: its stream, or what a refused command was to write.
    """

    table: ClassVar[str] = "trail_entry"
    scope: ClassVar[str] = "stream_id"
    key: ClassVar[tuple[str, ...]] = ("seq",)
    ledger: ClassVar[bool] = True
    tenant_id: str
    seq: int
    recorded_at: datetime
    occurred_at: datetime | None
    type: str
    stream_kind: str
    stream_id: str
    about_id: str
    version: int
    actor: str | None
    on_behalf_of: str | None
    reason: str | None
    step_id: str | None
    member_id: str | None
    old: Any
    new: Any
    command_id: str
    correlation: str
    causation: str | None


class Change(NamedTuple):
    """What an event did, to which step or member."""

    step: str | None = None
    member: str | None = None
    old: Any = None
    new: Any = None


trail = Projection("trail", version=6, tables=(TrailEntry,), ddl=DDL)


def _nothing(_: Event) -> Change:
    return Change()


def _member(event: Any) -> Change:
    return Change(member=event.member)


def _step(event: Any) -> Change:
    return Change(step=event.step)


def _sent_back(event: r.StepRejected | r.StepSentBack) -> Change:
    return Change(step=event.step, new={"to": event.to, "reset": event.reset})


def _limits(event: t.ApiKeyIssued) -> dict[str, Any]:
    """A key's limits, where it has some."""
    limits = {"expires_at": event.expires_at, "read_only": event.read_only, "only": event.only}
    return {name: limit for name, limit in limits.items() if limit}


CHANGES: dict[type, Callable[[Any], Change]] = {
    t.TenantSignedUp: lambda e: Change(new={"name": e.name, "time_zone": e.time_zone}),
    t.TrialStarted: lambda e: Change(new={"ends_at": e.ends_at, "seats": e.seats}),
    t.PlanChosen: lambda e: Change(
        old={"plan": e.old}, new={"plan": e.new, "seats": e.seats, "yen_a_month": e.yen_a_month}
    ),
    plans.TrialEnded: lambda e: Change(new={"ended_at": e.ended_at}),
    plans.PlanChangeScheduled: lambda e: Change(
        old={"plan": e.old},
        new={"plan": e.new, "seats": e.seats, "yen_a_month": e.yen_a_month, "effective_at": e.effective_at},
    ),
    plans.PlanChangeWithdrawn: lambda e: Change(old={"plan": e.new, "seats": e.seats, "effective_at": e.effective_at}),
    plans.PlanChangeRefused: lambda e: Change(
        old={"plan": e.old},
        new={"plan": e.new, "seats": e.seats, "surplus": e.surplus, "members": e.held_by},
    ),
    plans.CancellationScheduled: lambda e: Change(old={"plan": e.plan}, new={"effective_at": e.effective_at}),
    plans.CancellationWithdrawn: lambda e: Change(old={"plan": e.plan, "effective_at": e.effective_at}),
    plans.PlanCancelled: lambda e: Change(old={"plan": e.old}),
    plans.PlanLapsed: lambda e: Change(old={"plan": e.old}),
    t.DepartmentAdded: lambda e: Change(new={"department": e.department, "title": e.title}),
    t.MemberJoined: lambda e: Change(member=e.member, new={"permission": e.permission}),
    t.MemberInvited: lambda e: Change(member=e.member, new={"permission": e.permission, "expires_at": e.expires_at}),
    t.InvitationAccepted: _member,
    t.InvitationExpired: _member,
    t.MemberDeactivated: _member,
    t.MemberReactivated: _member,
    t.MemberProvisioned: lambda e: Change(
        member=e.member, new={"permission": e.permission, "department": e.department, "active": e.active}
    ),
    t.MemberRenamed: _member,
    t.MemberMoved: lambda e: Change(None, e.member, {"department": e.old}, {"department": e.new}),
    t.MemberRemoved: _member,
    t.PermissionChanged: lambda e: Change(None, e.member, {"permission": e.old}, {"permission": e.new}),
    t.AccessEndSet: lambda e: Change(None, e.member, {"access_ends_at": e.old}, {"access_ends_at": e.new}),
    d.RoleHoldersSet: lambda e: Change(old={"role": e.role, "members": e.old}, new={"role": e.role, "members": e.new}),
    t.ApiKeyIssued: lambda e: Change(member=e.member, new={"key": e.key, "label": e.label, **_limits(e)}),
    t.ApiKeyRevoked: lambda e: Change(old={"key": e.key}),
    d.HandedOver: lambda e: Change(
        member=e.member,
        new={
            "handover": e.handover,
            "rules": [asdict(rule) for rule in e.rules],
            "own": e.own,
            "steps": e.steps,
            "receivers": [asdict(receiver) for receiver in e.receivers],
            "stays": [asdict(staying) for staying in e.stays],
        },
    ),
    d.HandoverUndone: lambda e: Change(
        member=e.member,
        new={"handover": e.handover, "steps": e.steps, "stays": [asdict(staying) for staying in e.stays]},
    ),
    d.AbsenceSet: lambda e: Change(
        member=e.member, new={"starts": e.starts, "until": e.until, "delegates": e.delegates}
    ),
    d.AbsenceEnded: lambda e: Change(None, e.member, {"starts": e.starts}, {"on": e.on}),
    erasure.PersonErased: lambda e: Change(
        member=e.member, new={"erasure": e.erasure, "count": len(e.runs), "runs": e.runs}
    ),
    erasure.HoldSet: lambda e: Change(member=e.member, new={"hold": e.hold, "run": e.run}),
    erasure.HoldReleased: lambda e: Change(old={"hold": e.hold}),
    erasure.RetentionSet: lambda e: Change(
        old={"procedure": e.procedure, "years": e.old}, new={"procedure": e.procedure, "years": e.new}
    ),
    erasure.EndAnnounced: lambda e: Change(new={"keys_until": e.keys_until}),
    erasure.EndWithdrawn: lambda e: Change(old={"keys_until": e.keys_until}),
    erasure.TenantClosed: _nothing,
    exports.ExportAsked: lambda e: Change(
        member=e.by,
        new={
            "export": e.export,
            "formats": e.formats,
            "recorded_since": e.since,
            "recorded_until": e.until,
            "procedure": e.procedure,
            "run": e.run,
            "lang": e.lang,
            "personal": e.personal,
        },
    ),
    exports.ExportMade: lambda e: Change(new=asdict(e)),
    exports.ExportFailed: lambda e: Change(new={"export": e.export, "failure": e.code}),
    exports.ExportCancelled: lambda e: Change(old={"export": e.export}),
    exports.ExportExpired: lambda e: Change(old={"export": e.export}, new={"cause": e.cause}),
    AnchorWebhookSet: lambda e: Change(old={"address": e.old}, new={"address": e.new}),
    exports.ExportDownloaded: lambda e: Change(member=e.member, new={"export": e.export, "sha256": e.sha256}),
    MemberLinked: lambda e: Change(member=e.member, new={"issuer": e.issuer}),
    MemberUnlinked: lambda e: Change(member=e.member, old={"issuer": e.issuer}),
    p.DraftSaved: lambda e: Change(new={"title": e.definition.title, "steps": len(e.definition.steps)}),
    p.ProcedurePublished: lambda e: Change(new={"title": e.definition.title, "version": e.version}),
    p.ProcedureRetired: _nothing,
    r.RunStarted: lambda e: Change(
        new={"title": e.title, "version": e.procedure_version, "anchors": e.anchors, "calendar": e.calendar}
    ),
    r.StepReady: lambda e: Change(e.step, e.assignee, None, {"rule": e.rule, "due": e.due}),
    r.StepCompleted: lambda e: Change(e.step, None, None, {"values": e.values, "personal": sorted(e.personal_values)}),
    r.StepApproved: _step,
    r.StepRejected: _sent_back,
    r.StepSentBack: _sent_back,
    r.StepReopened: lambda e: Change(step=e.step, new={"reset": e.reset}),
    r.StepSkipped: lambda e: Change(step=e.step, new={"cause": e.cause}),
    r.StepReassigned: lambda e: Change(e.step, e.new, {"assignee": e.old}, {"assignee": e.new}),
    r.StepTaken: lambda e: Change(e.step, e.by, {"assignee": None}, {"assignee": e.by}),
    r.DueDateChanged: lambda e: Change(e.step, None, {"due": e.old}, {"due": e.new}),
    r.Commented: _step,
    r.RunCompleted: _nothing,
    r.RunCancelled: _nothing,
    r.SubjectErased: lambda e: Change(new={"erasure": e.erasure}),
    CommandRefused: lambda e: Change(
        new={"command": e.command, "code": e.code, "sentence": e.sentence, "stream": e.stream}
    ),
}


def _enter(kind: str, change_of: Callable[[Any], Change], rows: Rows, event: Event, meta: Meta) -> None:
    change = change_of(event)
    rows.add(
        TrailEntry(
            meta.tenant,
            meta.seq,
            meta.recorded_at,
            meta.occurred_at,
            meta.type,
            kind,
            meta.stream,
            event.stream if type(event) is CommandRefused else meta.stream,
            meta.version,
            meta.actor,
            meta.on_behalf_of,
            meta.reason,
            change.step,
            change.member,
            change.old,
            change.new,
            meta.command,
            meta.correlation,
            meta.causation,
        )
    )


for _name, _kind in EVENT_TYPES.items():
    trail.on(_kind)(partial(_enter, _name.partition(".")[0], CHANGES[_kind]))
