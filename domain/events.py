"""Every event type of the log, by the name it has there; and what an event says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from domain.ids import CommandId, MemberId, TenantId
from domain.procedures.events import DraftSaved, ProcedurePublished, ProcedureRetired
from domain.runs import events as runs
from domain.tenants import duty_events as duties
from domain.tenants import erasure_events as erasure
from domain.tenants import events as tenants
from domain.tenants import export_events as exports
from domain.tenants import identity_events as identities
from domain.tenants import plan_events as plans
from domain.tenants.anchor_events import AnchorWebhookSet


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command was refused, and auditors may want to know. It stands in a stream of its own."""

    type: ClassVar[str] = "command.refused"
    command: str
    code: str
    sentence: str
    stream: str
    stream_kind: str


Event = Any
"""One of the classes in `EVENT_TYPES`; their union is too wide for a checker to help with."""

EVENT_TYPES: Mapping[str, type] = {
    kind.type: kind
    for kind in (
        tenants.TenantSignedUp,
        tenants.TrialStarted,
        tenants.PlanChosen,
        tenants.DepartmentAdded,
        tenants.MemberJoined,
        tenants.MemberInvited,
        tenants.InvitationAccepted,
        tenants.InvitationExpired,
        tenants.MemberDeactivated,
        tenants.MemberReactivated,
        tenants.MemberProvisioned,
        tenants.MemberRenamed,
        tenants.MemberMoved,
        tenants.MemberRemoved,
        tenants.PermissionChanged,
        tenants.AccessEndSet,
        duties.RoleHoldersSet,
        tenants.ApiKeyIssued,
        tenants.ApiKeyRevoked,
        duties.HandedOver,
        duties.HandoverUndone,
        duties.AbsenceSet,
        duties.AbsenceEnded,
        plans.TrialEnded,
        plans.PlanChangeScheduled,
        plans.PlanChangeWithdrawn,
        plans.PlanChangeRefused,
        plans.CancellationScheduled,
        plans.CancellationWithdrawn,
        plans.PlanCancelled,
        plans.PlanLapsed,
        erasure.PersonErased,
        erasure.HoldSet,
        erasure.HoldReleased,
        erasure.RetentionSet,
        erasure.EndAnnounced,
        erasure.EndWithdrawn,
        erasure.TenantClosed,
        exports.ExportAsked,
        exports.ExportMade,
        exports.ExportFailed,
        exports.ExportCancelled,
        exports.ExportExpired,
        exports.ExportDownloaded,
        AnchorWebhookSet,
        identities.MemberLinked,
        identities.MemberUnlinked,
        DraftSaved,
        ProcedurePublished,
        ProcedureRetired,
        runs.RunStarted,
        runs.StepReady,
        runs.StepCompleted,
        runs.StepApproved,
        runs.StepRejected,
        runs.StepSentBack,
        runs.StepReopened,
        runs.StepSkipped,
        runs.StepReassigned,
        runs.StepTaken,
        runs.DueDateChanged,
        runs.Commented,
        runs.RunCompleted,
        runs.RunCancelled,
        runs.SubjectErased,
        CommandRefused,
    )
}


@dataclass(slots=True)
class Meta:
    """What the log says of an event beside its data. Treat as read-only.

    `position` is global and dense in commit order; `seq` is the tenant's own, dense from 1. Not frozen: a
    projector makes one for each event, and freezing costs more than the rest of it.
    """

    position: int
    tenant: TenantId
    seq: int
    stream: str
    version: int
    type: str
    actor: MemberId | None
    on_behalf_of: MemberId | None
    reason: str | None
    occurred_at: datetime | None
    recorded_at: datetime
    command: CommandId
    correlation: str
    causation: str | None
