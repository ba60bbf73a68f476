"""How far a run of JOINING may have come: each history goes on from the one before it."""

from datetime import date

from domain.ids import DepartmentId, FieldId
from domain.runs import events as e
from tests.people import (
    AIKO,
    BUNTA,
    CHECK,
    CHIE,
    CONTRACT,
    DAIKI,
    HR,
    HR_MANAGER,
    IT,
    JOINING_DAY,
    OFFER,
    PC,
    PROCEDURE,
    TAX,
    TODAY,
)

MAYDAY = date(2026, 5, 1)
ANCHORS = {JOINING_DAY: MAYDAY}
OFFER_DUE = date(2026, 4, 21)
PC_DUE = date(2026, 4, 8)
GRADUATE = {FieldId("employment"): "新卒"}
MID_CAREER = {FieldId("employment"): "中途"}

START = e.RunStarted(
    procedure=PROCEDURE,
    procedure_version=1,
    title="入社手続き",
    department=DepartmentId("hr"),
    confidential=False,
    starter=AIKO,
    anchors=ANCHORS,
    calendar="",
    on=TODAY,
    steps=(
        e.PlannedStep(OFFER, "内定", HR, OFFER_DUE, False, False),
        e.PlannedStep(CONTRACT, "契約の承認", HR_MANAGER, None, False, True),
        e.PlannedStep(PC, "PC", IT, None, False, False),
        e.PlannedStep(TAX, "住民税", HR, None, False, False),
        e.PlannedStep(CHECK, "PCの確認", IT, None, False, False),
    ),
    decisive={OFFER: (FieldId("employment"),)},
    documents={},
    subject="山田さん",
)
OFFER_READY = e.StepReady(OFFER, AIKO, "holder", OFFER_DUE)
OFFER_DONE = e.StepCompleted(OFFER, AIKO, TODAY, GRADUATE, 0, {})
CONTRACT_READY = e.StepReady(CONTRACT, BUNTA, "holder", None)
CONTRACT_APPROVED = e.StepApproved(CONTRACT, BUNTA, TODAY)
PC_READY = e.StepReady(PC, CHIE, "holder", PC_DUE)
TAX_SKIPPED = e.StepSkipped(TAX, "condition", TODAY)
PC_DONE = e.StepCompleted(PC, CHIE, TODAY, {}, 2, {})
CHECK_READY = e.StepReady(CHECK, DAIKI, "holder", None)
CHECK_DONE = e.StepCompleted(CHECK, DAIKI, TODAY, {}, 0, {})

STARTED: tuple[e.RunEvent, ...] = (START, OFFER_READY)
OFFERED: tuple[e.RunEvent, ...] = (*STARTED, OFFER_DONE, CONTRACT_READY)
CONTRACTED: tuple[e.RunEvent, ...] = (*OFFERED, CONTRACT_APPROVED, PC_READY, TAX_SKIPPED)
SET_UP: tuple[e.RunEvent, ...] = (*CONTRACTED, PC_DONE, CHECK_READY)
COMPLETED: tuple[e.RunEvent, ...] = (*SET_UP, CHECK_DONE, e.RunCompleted(TODAY))
CANCELLED: tuple[e.RunEvent, ...] = (*OFFERED, e.RunCancelled(TODAY))
NOBODYS: tuple[e.RunEvent, ...] = (*CONTRACTED[:-2], e.StepReady(PC, None, "open", PC_DUE), TAX_SKIPPED)
"""As CONTRACTED, but nobody has been given the PC."""
