"""Questions about procedures, the starter library among them."""

from collections.abc import Sequence

from msgspec import Struct

from domain.confidential import may_see_definition, may_see_procedure
from domain.events import Event
from domain.procedures.definition import Definition
from domain.procedures.events import ProcedureEvent
from domain.procedures.starter import STARTER
from domain.procedures.state import Procedure, fold
from domain.refusals import NotFound
from queries.procedures_list import ProcedureRow, procedures_list
from services.api import query as q
from services.api.answers import rows
from services.api.bodies import Uuid
from services.api.call import Answer, Call
from services.api.endpoint import MEMBER, Endpoint, Query
from services.api.routes.asking import All, Page, events_then, limit, page, viewer
from services.api.routes.run_reads import DEPARTMENT, READ


class ProcedureDetail(Struct, kw_only=True, frozen=True):
    """A procedure: its draft, if there is one, and what runs start with. `version` is the stream's (the ETag's).

    `published_version` is 0 while nothing was published.
    """

    procedure: str
    version: int
    published_version: int
    retired: bool
    draft: Definition | None
    published: Definition | None


class Starter(Struct, kw_only=True, frozen=True):
    """A procedure of the starter library."""

    code: str
    title: str
    department: str
    summary: str
    steps: int
    confidential: bool


class StarterDetail(Struct, kw_only=True, frozen=True):
    """A procedure of the starter library with its definition."""

    code: str
    definition: Definition


async def list_procedures(call: Call) -> Answer:
    """The company's procedures."""
    most, given = limit(call), call.query
    found = await procedures_list(
        call.deps.ask,
        call.tenant,
        department=given.get("department"),
        retired=given.get("retired"),
        viewer=viewer(call),
        limit=most + 1,
        after=given.get("cursor"),
        as_of=given.get("as_of"),
    )
    return page(found, most)


async def one_procedure(call: Call) -> Answer:
    """A procedure with its definitions."""
    events = await events_then(call, call.ids["procedure"], call.query.get("as_of"))
    procedure = fold(events) if _are_of_a_procedure(events) else Procedure()
    tenant, member = call.known.tenant, call.known.member
    if not procedure.exists or not await _may_see(call, procedure):
        raise NotFound("expected a procedure of the company, but there is none of that id")
    draft = procedure.draft
    found = ProcedureDetail(
        procedure=call.ids["procedure"],
        version=len(events),
        published_version=procedure.version,
        retired=procedure.retired,
        draft=draft if draft and may_see_definition(draft, tenant, member) else None,
        published=procedure.versions.get(procedure.version),
    )
    return rows(found, [(b"etag", b'"%d"' % found.version)])


async def _may_see(call: Call, procedure: Procedure) -> bool:
    """What people from outside see depends on their runs, so it is asked like the list."""
    asks = viewer(call)
    if asks is None or not asks.outside:
        return may_see_procedure(procedure, call.known.tenant, call.known.member)
    name, as_of = call.ids["procedure"], call.query.get("as_of")
    return bool(await procedures_list(call.deps.ask, call.tenant, procedure=name, viewer=asks, limit=1, as_of=as_of))


async def list_starters(call: Call) -> Answer:
    """The starter library."""
    return rows(All(items=[_starter(code, definition) for code, definition in STARTER.items()]))


async def one_starter(call: Call) -> Answer:
    """A starter with its definition."""
    code = call.ids["code"]
    if code not in STARTER:
        raise NotFound("expected a starter procedure by its short name, but there is none of that name")
    return rows(StarterDetail(code=code, definition=STARTER[code]))


def _are_of_a_procedure(events: Sequence[Event]) -> bool:
    return bool(events) and isinstance(events[0], ProcedureEvent)


def _starter(code: str, definition: Definition) -> Starter:
    return Starter(
        code=code,
        title=definition.title,
        department=definition.department,
        summary=definition.summary,
        steps=len(definition.steps),
        confidential=definition.confidential,
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/procedures",
        "list_procedures",
        "The company's procedures, by title.",
        "read_dashboards",
        list_procedures,
        answer=Page[ProcedureRow],
        query=(
            DEPARTMENT,
            Query("retired", q.yes_or_no("retired"), {"type": "boolean"}, "Only those retired, or only the others."),
            q.LIMIT,
            q.cursor_of(tuple[str, Uuid]),
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/procedures/{procedure}",
        "get_procedure",
        "A procedure with its draft and its published definition. Its version is the ETag, for If-Match.",
        "read_dashboards",
        one_procedure,
        answer=ProcedureDetail,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/starter-procedures",
        "list_starters",
        "The eleven procedures that come with Ashiato, to adopt and to change.",
        MEMBER,
        list_starters,
        answer=All[Starter],
    ),
    Endpoint(
        "GET",
        "/v1/starter-procedures/{code}",
        "get_starter",
        "A procedure of the starter library with its whole definition.",
        MEMBER,
        one_starter,
        answer=StarterDetail,
    ),
)
