"""One example of each event type, every field filled: what the golden files hold."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from domain import ids
from domain.events import CommandRefused, Event
from domain.procedures import definition as d
from domain.procedures.events import DraftSaved, ProcedurePublished, ProcedureRetired
from domain.runs import events as runs
from domain.tenants import duty_events as duties
from domain.tenants import erasure_events as erasure
from domain.tenants import events as tenants
from domain.tenants import export_events as exports
from domain.tenants import identity_events as identities
from domain.tenants import plan_events as plans
from domain.tenants.anchor_events import AnchorWebhookSet
from domain.tenants.handovers import Receiver, Rule, Staying

STREAM = "0198c1e5-7f40-7abc-8def-000000000100"
AIKO = ids.MemberId("0198c1e5-7f40-7abc-8def-000000000001")
BEN = ids.MemberId("0198c1e5-7f40-7abc-8def-000000000002")
PROCEDURE = ids.ProcedureId("0198c1e5-7f40-7abc-8def-000000000010")
KEY = "0198c1e5-7f40-7abc-8def-000000000020"
HR, ROLE = ids.DepartmentId("jinji"), ids.RoleId("hr-staff")
JOINING_DAY = ids.AnchorId("nyusha-bi")
COLLECT, CONTRACT = ids.StepId("collect"), ids.StepId("contract")
SCAN = ids.FieldId("scan")
NAME, PAY, SIGNED = ids.FieldId("name"), ids.FieldId("pay"), ids.FieldId("signed")
AT = datetime(2026, 4, 1, 0, 0, 0, 123_000, tzinfo=UTC)
DAY, LATER = date(2026, 4, 1), date(2026, 4, 30)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

ENVELOPE: Mapping[str, Any] = {
    "actor": AIKO,
    "command": "0198c1e5-7f40-7abc-8def-000000000200",
    "correlation": "入社 2026-04",
    "causation": "0198c1e5-7f40-7abc-8def-000000000201",
    "on_behalf_of": BEN,
    "reason": '代理 ("deputy")\n休暇中',
    "occurred": AT,
}

DEFINITION = d.Definition(
    title="入社手続き",
    department=HR,
    summary="# 概要\n新しい人を迎える",
    confidential=True,
    anchors=(d.Anchor(JOINING_DAY, "入社日"),),
    roles=(
        d.Role(ROLE, "人事担当"),
        d.Role(ids.RoleId("boss"), "上長", "same_as", COLLECT),
        d.Role(ids.RoleId("ceo"), "代表", "member", None, BEN),
    ),
    steps=(
        d.Step(
            id=COLLECT,
            title="書類を集める",
            role=ROLE,
            instructions="*全部*",
            due=d.Due(-5, "business_days", JOINING_DAY, None, True, "労働基準法 第15条"),
            fields=(
                d.Field(NAME, "氏名", "text", True, True),
                d.Field(PAY, "区分", "choice", True, False, ("月給", "時給"), "counterparty"),
            ),
            checklist=("身分証", "年金手帳"),
            outside="https://example.jp",
        ),
        d.Step(
            id=CONTRACT,
            title="契約する",
            role=ROLE,
            after=(COLLECT,),
            due=d.Due(10, "day_of_next_month", None, COLLECT),
            approval=True,
            not_same_actor_as=(COLLECT,),
            condition=d.Condition("one_of", ("月給",), COLLECT, PAY),
        ),
    ),
)

EVENTS: tuple[Event, ...] = (
    tenants.TenantSignedUp("足跡商事株式会社", "Asia/Tokyo"),
    tenants.TrialStarted(AT, 50),
    tenants.PlanChosen("lite", "enterprise", 250, 100_000),
    tenants.DepartmentAdded(HR, "人事部"),
    tenants.MemberJoined(AIKO, "owner", HR, "佐藤 愛子", "aiko@ashiato.example"),
    tenants.MemberInvited(BEN, "partner", HR, AT, SHA256, "鈴木 勉", "ben@ashiato.example"),
    tenants.InvitationAccepted(BEN),
    tenants.InvitationExpired(BEN),
    tenants.MemberDeactivated(BEN),
    tenants.MemberReactivated(BEN),
    tenants.MemberProvisioned(BEN, "manager", HR, True, "ベン", "ben@example.jp", "ben@corp.example.jp", "00u1"),
    tenants.MemberRenamed(BEN, "弁", "ben@example.jp", "ben@corp.example.jp", "00u2"),
    tenants.MemberMoved(BEN, None, HR),
    tenants.MemberRemoved(BEN),
    tenants.PermissionChanged(BEN, "partner", "auditor"),
    tenants.AccessEndSet(BEN, AT, AT),
    duties.RoleHoldersSet(ROLE, (AIKO,), (BEN, AIKO)),
    tenants.ApiKeyIssued(KEY, AIKO, "給与ソフト", SHA256, AT, True, ("read_dashboards", "read_trail")),
    tenants.ApiKeyRevoked(KEY),
    duties.HandedOver(
        STREAM,
        AIKO,
        (Rule((BEN, AIKO), PROCEDURE, HR, ROLE), Rule((BEN,))),
        False,
        12,
        (Receiver(BEN, 12, 3),),
        (Staying("same_actor", ids.RunId(STREAM), COLLECT, ROLE), Staying("no_rule", role=ROLE)),
    ),
    duties.HandoverUndone(STREAM, AIKO, 11, (Staying("done", ids.RunId(STREAM), COLLECT),)),
    duties.AbsenceSet(AIKO, DAY, LATER, (BEN,)),
    duties.AbsenceEnded(AIKO, DAY, LATER),
    plans.TrialEnded(AT),
    plans.PlanChangeScheduled("enterprise", "lite", 20, 30_000, AT),
    plans.PlanChangeWithdrawn("lite", 20, AT),
    plans.PlanChangeRefused("enterprise", "lite", 20, 2, (AIKO, BEN)),
    plans.CancellationScheduled("pro", AT),
    plans.CancellationWithdrawn("pro", AT),
    plans.PlanCancelled("pro"),
    plans.PlanLapsed("standard"),
    erasure.PersonErased(STREAM, BEN, (ids.RunId(STREAM),)),
    erasure.HoldSet(STREAM, BEN, ids.RunId(STREAM)),
    erasure.HoldReleased(STREAM),
    erasure.RetentionSet(PROCEDURE, 7, 10),
    erasure.EndAnnounced(AT),
    erasure.EndWithdrawn(AT),
    erasure.TenantClosed(),
    exports.ExportAsked(STREAM, AIKO, ("csv", "ocel-sqlite"), AT, AT, PROCEDURE, ids.RunId(STREAM), "ja", False),
    exports.ExportMade(STREAM, SHA256, 1_234_567, 1_000, 1, 1_200, 1_234, SHA256, AT),
    exports.ExportFailed(STREAM, "disk_full"),
    exports.ExportCancelled(STREAM),
    exports.ExportExpired(STREAM, "erasure"),
    exports.ExportDownloaded(STREAM, BEN, SHA256),
    AnchorWebhookSet("https://audit.example/old", "https://audit.example/checkpoints"),
    identities.MemberLinked(BEN, "https://id.ashiato.example", "ben-0815"),
    identities.MemberUnlinked(BEN, "https://id.ashiato.example", "ben-0815"),
    DraftSaved(DEFINITION),
    ProcedurePublished(3, DEFINITION),
    ProcedureRetired(),
    runs.RunStarted(
        procedure=PROCEDURE,
        procedure_version=3,
        title="入社手続き",
        department=HR,
        confidential=True,
        starter=AIKO,
        anchors={JOINING_DAY: LATER},
        calendar="holidays 0.109 JP",
        on=DAY,
        steps=(
            runs.PlannedStep(COLLECT, "書類を集める", ROLE, DAY, True, False),
            runs.PlannedStep(CONTRACT, "契約する", ROLE, None, False, True),
        ),
        decisive={COLLECT: (PAY, SIGNED)},
        documents={COLLECT: {SCAN: "file", PAY: "counterparty"}},
        subject="高橋 三郎",
    ),
    runs.StepReady(COLLECT, AIKO, "spread", DAY),
    runs.StepCompleted(COLLECT, AIKO, DAY, {PAY: "月給", SIGNED: True}, 2, {NAME: "高橋 三郎"}),
    runs.StepApproved(CONTRACT, BEN, DAY),
    runs.StepRejected(CONTRACT, BEN, COLLECT, (COLLECT, CONTRACT)),
    runs.StepSentBack(CONTRACT, BEN, COLLECT, (COLLECT, CONTRACT)),
    runs.StepReopened(COLLECT, (COLLECT, CONTRACT)),
    runs.StepSkipped(CONTRACT, "person", DAY),
    runs.StepReassigned(COLLECT, AIKO, BEN),
    runs.StepTaken(COLLECT, BEN),
    runs.DueDateChanged(COLLECT, DAY, LATER),
    runs.Commented(COLLECT, AIKO, "印鑑が足りない\t\u0001\u2028😀"),
    runs.RunCompleted(LATER),
    runs.RunCancelled(LATER),
    runs.SubjectErased(STREAM),
    CommandRefused("approve_step", "same_actor", "expected another person, but …", STREAM, "run"),
)
