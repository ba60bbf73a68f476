"""A company with runs in every state, and another one whose ids are foreign to it, in whatever log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from commands.ports import Entry, Log, NewEvent, Seen
from commands.request import Receipt, Request
from commands.service import CommandService
from domain.events import Event
from domain.ids import CommandId, MemberId, ProcedureId, RunId, TenantId
from domain.procedures.events import DraftSaved, ProcedurePublished
from domain.refusals import Refusal
from domain.tenants import events as t
from infra.calendar import japan
from infra.ids import uuid7
from tests.domain.joinings import CANCELLED, COMPLETED, CONTRACTED, NOBODYS, OFFERED, START, STARTED
from tests.people import (
    AIKO,
    BUNTA,
    CAST,
    CHIE,
    COMPANY,
    CONTRACT,
    DAIKI,
    EMI,
    JOINING,
    OFFER,
    PC,
    PROCEDURE,
    RUN,
    SETTLED,
    STRANGER,
)


def _id(number: int) -> str:
    return f"0199b000-0000-7000-8000-{number:012d}"


RUNS = (RUN, *(RunId(_id(n)) for n in range(5)))
DRAFT = ProcedureId(_id(20))
OTHERS = TenantId(_id(30))
FOREIGN_RUN, FOREIGN_PROCEDURE, FOREIGN_MEMBER = RunId(_id(31)), ProcedureId(_id(32)), MemberId(_id(33))
UNKNOWN = _id(99)
NOBODYS_COMPANY = TenantId(_id(98))
"""An id that nobody has signed up with."""
MEMBERS = (EMI, *(member for member, _, __ in CAST), STRANGER)

OURS: Mapping[str, Sequence[Event]] = {
    COMPANY: SETTLED,
    PROCEDURE: (DraftSaved(JOINING), ProcedurePublished(1, JOINING)),
    DRAFT: (DraftSaved(replace(JOINING, title="下書き")),),
    **dict(zip(RUNS, (STARTED, OFFERED, CONTRACTED, COMPLETED, CANCELLED, NOBODYS), strict=True)),
}
OPENINGS = (
    (RUNS[0], OFFER, AIKO),
    (RUNS[1], CONTRACT, BUNTA),
    (RUNS[2], PC, CHIE),
    (RUNS[3], OFFER, AIKO),
    (RUNS[5], PC, DAIKI),
)
"""Where something can be done, and by whom; the fourth is done already."""

THEIRS: Mapping[str, Sequence[Event]] = {
    OTHERS: (
        t.TenantSignedUp("他社", "Asia/Tokyo"),
        t.PlanChosen(None, "lite", 20, 30_000),
        t.MemberJoined(FOREIGN_MEMBER, "owner", None, "他人", "other@other.example"),
    ),
    FOREIGN_PROCEDURE: (DraftSaved(JOINING), ProcedurePublished(1, JOINING)),
    FOREIGN_RUN: (replace(START, procedure=FOREIGN_PROCEDURE, starter=FOREIGN_MEMBER), *STARTED[1:]),
}


@dataclass(frozen=True)
class Asked:
    """A command (of whatever kind: the checker need not know) with all that surrounds it."""

    request: Request
    command: Any


@dataclass(frozen=True)
class Answer:
    """What came of a command, without what no two logs have in common."""

    stream: str = ""
    version: int = 0
    refusal: type[Refusal] | None = None
    code: str = ""
    sentence: str = ""


async def settle(log: Log, company: TenantId = COMPANY, others: TenantId = OTHERS) -> None:
    """Write both companies' pasts."""
    for tenant, own, streams in ((company, COMPANY, OURS), (others, OTHERS, THEIRS)):
        for stream, events in streams.items():
            await _write(log, tenant, tenant if stream == own else stream, events)


async def _write(log: Log, tenant: TenantId, stream: str, events: Sequence[Event]) -> None:
    new = [NewEvent(stream, n, event) for n, event in enumerate(events, 1)]
    entry = Entry(tenant, CommandId(uuid7()), b"", b"{}", [Seen(stream, 0, True)], new, None)
    assert (await log.append(entry)).outcome == "appended"


def service(log: Log) -> CommandService:
    """Someone to carry commands out, who knows nothing yet."""
    return CommandService(log, japan())


async def answer(by: CommandService, asked: Asked) -> Answer:
    """Carry a command out."""
    try:
        receipt: Receipt = await by.execute(asked.request, asked.command)
    except Refusal as refusal:
        return Answer(refusal=type(refusal), code=refusal.code, sentence=refusal.sentence)
    return Answer(receipt.stream, receipt.version)
