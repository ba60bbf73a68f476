"""The cast of the tests: a small company, its people, and one procedure of theirs with every kind of step.

AIKO and IKUKO are in HR; BUNTA manages; CHIE and DAIKI are IT; EMI owns the company, FUMIO administers it;
GORO is a partner from outside, HANA an auditor; JIRO is invited and has not answered; KANA has left.
"""

from datetime import UTC, date, datetime, timedelta

from domain.ids import (
    AnchorId,
    DepartmentId,
    FieldId,
    MemberId,
    ProcedureId,
    RoleId,
    RunId,
    StepId,
    TenantId,
)
from domain.procedures.definition import Anchor, Condition, Definition, Due, Field, Role, Step
from domain.tenants import events as t
from domain.tenants.duty_events import RoleHoldersSet
from domain.tenants.folding import fold
from domain.tenants.permissions import Permission


def _id(number: int) -> str:
    return f"0199a000-0000-7000-8000-{number:012d}"


AIKO, BUNTA, CHIE, DAIKI, EMI, FUMIO, GORO, HANA, IKUKO, JIRO, KANA = (MemberId(_id(n)) for n in range(1, 12))
STRANGER = MemberId(_id(99))
COMPANY = TenantId(_id(100))
PROCEDURE = ProcedureId(_id(200))
RUN = RunId(_id(300))

MONDAY = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)
"""Monday, 6 April 2026, 10 o'clock in Tokyo; no holiday until Wednesday, 29 April."""
TODAY = date(2026, 4, 6)
TUESDAY = MONDAY + timedelta(days=1)

HR, HR_MANAGER, IT = RoleId("hr"), RoleId("hr-manager"), RoleId("it")
OFFER, CONTRACT, PC, TAX, CHECK = (StepId(s) for s in ("offer", "contract", "pc", "tax", "check"))
JOINING_DAY = AnchorId("joining")

JOINING = Definition(
    title="入社手続き",
    department=DepartmentId("hr"),
    anchors=(Anchor(JOINING_DAY, "入社日"),),
    roles=(Role(HR, "人事", "holder"), Role(HR_MANAGER, "人事責任者", "holder"), Role(IT, "情シス", "holder")),
    steps=(
        Step(
            OFFER,
            "内定",
            HR,
            due=Due(-10, anchor=JOINING_DAY),
            fields=(
                Field(FieldId("employment"), "雇用区分", "choice", required=True, choices=("新卒", "中途")),
                Field(FieldId("contact"), "連絡先", personal=True),
            ),
        ),
        Step(CONTRACT, "契約の承認", HR_MANAGER, after=(OFFER,), approval=True, not_same_actor_as=(OFFER,)),
        Step(
            PC,
            "PC",
            IT,
            after=(CONTRACT,),
            due=Due(2, "business_days", after=CONTRACT),
            checklist=("OS", "資産番号"),
        ),
        Step(
            TAX,
            "住民税",
            HR,
            after=(CONTRACT,),
            condition=Condition("is", "中途", step=OFFER, field=FieldId("employment")),
        ),
        Step(CHECK, "PCの確認", IT, after=(PC, TAX), not_same_actor_as=(PC,)),
    ),
)

TRIAL_ENDS = datetime(2026, 4, 20, 15, 0, tzinfo=UTC)
INVITATION_ENDS = MONDAY + timedelta(days=5)
ACCESS_ENDS = MONDAY + timedelta(days=60)
CAST: tuple[tuple[MemberId, str, Permission], ...] = (
    (AIKO, "aiko", "member"),
    (BUNTA, "bunta", "manager"),
    (CHIE, "chie", "member"),
    (DAIKI, "daiki", "member"),
    (FUMIO, "fumio", "admin"),
    (GORO, "goro", "partner"),
    (HANA, "hana", "auditor"),
    (IKUKO, "ikuko", "member"),
    (JIRO, "jiro", "member"),
    (KANA, "kana", "member"),
)
HOLDERS = {HR: (AIKO, IKUKO), HR_MANAGER: (BUNTA,), IT: (CHIE, DAIKI)}
TOKEN, KEY_HASH = "7" * 64, "8" * 64


def address(name: str) -> str:
    """The address of one of the cast."""
    return f"{name}@ashiato.example"


SIGNED_UP: tuple[t.TenantEvent, ...] = (
    t.TenantSignedUp("足跡商事", "Asia/Tokyo"),
    t.TrialStarted(TRIAL_ENDS, 50),
    t.MemberJoined(EMI, "owner", None, "笑", address("emi")),
    t.DepartmentAdded(DepartmentId("hr"), "人事部"),
)
SETTLED: tuple[t.TenantEvent, ...] = (
    *SIGNED_UP,
    *(t.MemberInvited(m, p, None, INVITATION_ENDS, TOKEN, name, address(name)) for m, name, p in CAST),
    *(t.InvitationAccepted(m) for m, name, _ in CAST if name != "jiro"),
    t.AccessEndSet(HANA, None, ACCESS_ENDS),
    *(RoleHoldersSet(role, (), members) for role, members in HOLDERS.items()),
    t.ApiKeyIssued("key-of-aiko", AIKO, "first", KEY_HASH),
    t.MemberDeactivated(KANA),
)
"""The company's history up to MONDAY."""

TENANT = fold(SETTLED)
