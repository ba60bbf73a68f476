"""Questions about what people have to do: duties, load, handovers and their closing proof."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from domain.ids import MemberId
from domain.refusals import NotFound, NotPermitted
from domain.tenants.folding import fold
from domain.tenants.permissions import MAY
from queries.handover_steps import MovedRow, handover_steps
from queries.handovers import HandoverRow, handovers
from queries.load import LoadRow, load
from services.api import query as q
from services.api.answers import rows
from services.api.bodies import Uuid
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.query import cursor
from services.api.routes.asking import Page, limit, page, state_then, then
from services.api.routes.run_reads import BIG, DEPARTMENT, READ
from services.duties import Duties, duties_of
from services.people_pages import page_of_people

FROM = Query("member", q.uuid("member"), {"type": "string", "format": "uuid"}, "Only those of this member.")


class Proof(Struct, kw_only=True, frozen=True):
    """What is left with who handed over. `clear`: 0 open steps, 0 duties; otherwise `duties` says what is left.

    `seq` is the last of the handover's events: ask with `as_of=<seq>` how it was then.
    """

    handover: str
    member: str
    seq: int
    undone: bool
    moved: int
    stays: Sequence[Any]
    clear: bool
    duties: Duties


async def member_duties(call: Call) -> Answer:
    """What a member holds."""
    return rows(await _duties(call, _whose(call, call.ids["member"])))


async def list_handovers(call: Call) -> Answer:
    """The company's handovers."""
    most, given = limit(call), call.query
    found = await handovers(
        call.deps.ask,
        call.tenant,
        member=given.get("member"),
        limit=most + 1,
        after=given.get("cursor"),
        as_of=given.get("as_of"),
    )
    return page(found, most)


async def get_handover(call: Call) -> Answer:
    """One handover."""
    return rows(await _handover(call))


async def list_steps(call: Call) -> Answer:
    """The steps that a handover moved."""
    found, most = await _handover(call), limit(call)
    steps = await handover_steps(
        call.deps.ask,
        call.tenant,
        handover=found.handover,
        seq=found.seq,
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=call.query.get("as_of"),
    )
    return page(steps, most)


async def proof(call: Call) -> Answer:
    """Whether anything is left."""
    found = await _handover(call)
    duties = await _duties(call, MemberId(found.member))
    answer = Proof(
        handover=found.handover,
        member=found.member,
        seq=found.seq,
        undone=found.undone_seq is not None,
        moved=found.steps,
        stays=found.stays,
        clear=duties.clear,
        duties=duties,
    )
    return rows(answer)


async def company_load(call: Call) -> Answer:
    """Who has how much to do."""
    when, most = await then(call), limit(call)
    found = await load(
        call.deps.ask,
        call.tenant,
        today=when.today,
        department=call.query.get("department"),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    items, following = page_of_people(found, most)
    return rows(Page(items=items, next=cursor(following) if following else None))


async def _duties(call: Call, member: MemberId) -> Duties:
    when = await then(call)
    # Not the state that the credential was checked with, which may be a second old.
    tenant = await state_then(call, fold, await call.deps.commands.tenant(call.tenant, max_age=0.0))
    return await duties_of(
        call.deps.ask, call.deps.streams, call.tenant, tenant, member, today=when.today, as_of=when.as_of
    )


async def _handover(call: Call) -> HandoverRow:
    asked, as_of = call.ids["handover"], call.query.get("as_of")
    found = await handovers(call.deps.ask, call.tenant, handover=asked, as_of=as_of)
    if not found or not _may_read(call, found[0].member):
        raise NotFound("expected a handover of the company, but there is none of that id")
    return found[0]


def _whose(call: Call, member: str) -> MemberId:
    if member not in call.known.tenant.members:
        raise NotFound("expected a member of the company, but there is none of that id")
    if not _may_read(call, member):
        raise NotPermitted("expected a manager to read the duties of others, but they are not one")
    return MemberId(member)


def _may_read(call: Call, member: str) -> bool:
    return member == call.member or call.known.member.permission in MAY["read_trail"]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/members/{member}/duties",
        "member_duties",
        "What a member holds: open steps, roles, procedures that name them. `clear` is true when nothing is left. "
        "Managers and auditors may ask for others.",
        "read_duties",
        member_duties,
        answer=Duties,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/handovers",
        "list_handovers",
        "Handovers, the newest first.",
        "read_trail",
        list_handovers,
        answer=Page[HandoverRow],
        query=(FROM, q.LIMIT, q.cursor_of(BIG), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/handovers/{handover}",
        "get_handover",
        "A handover: its rules, who received how much, and what stayed and why.",
        "read_duties",
        get_handover,
        answer=HandoverRow,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/handovers/{handover}/steps",
        "handover_steps",
        "The steps that a handover moved, from whom to whom, each with the sequence of its event.",
        "read_duties",
        list_steps,
        answer=Page[MovedRow],
        query=(q.LIMIT, q.cursor_of(BIG), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/handovers/{handover}/proof",
        "handover_proof",
        "The closing proof of a handover: 0 open steps, 0 duties left with who handed over, or what is left. Ask again "
        "at any time, or as of then.",
        "read_duties",
        proof,
        answer=Proof,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/load",
        "company_load",
        "Load (平準化): open, overdue and soon due steps of each person in each department, the most loaded first. A "
        "page is of so many people, with all of their departments.",
        "read_load",
        company_load,
        answer=Page[LoadRow],
        query=(DEPARTMENT, q.LIMIT, q.cursor_of(tuple[BIG, Uuid]), *READ),
    ),
)
