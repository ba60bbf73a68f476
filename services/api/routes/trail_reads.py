"""The audit trail."""

from domain.events import EVENT_TYPES
from domain.refusals import InvalidInput
from queries.trail import TrailFilter, TrailRow, trail
from services.api import query as q
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.query import cursor
from services.api.routes.asking import Page, limit, named
from services.api.routes.run_reads import BIG, READ

UUID = {"type": "string", "format": "uuid"}
INSTANT = {"type": "string", "format": "date-time"}
ORDERS = ("asc", "desc")
ORDER = {"enum": list(ORDERS), "default": "asc"}


async def read_trail(call: Call) -> Answer:
    """Who did what, for whom, when and why."""
    most, given = limit(call), call.query
    where = TrailFilter(
        stream=given.get("stream"),
        actor=given.get("actor"),
        member=given.get("member"),
        types=given.get("type"),
        step=given.get("step"),
        since=given.get("from"),
        until=given.get("to"),
        reason=given.get("reason"),
    )
    found = await trail(
        call.deps.ask,
        call.tenant,
        where=where,
        newest_first=given.get("order") == "desc",
        limit=most + 1,
        after=given.get("cursor"),
        as_of=given.get("as_of"),
    )
    items = named(found[:most])
    return rows(Page(items=items, next=cursor(items[-1].seq) if len(found) > most else None))


def _types(text: str) -> list[str]:
    names = text.split(",")
    if all(name in EVENT_TYPES for name in names):
        return names
    raise InvalidInput("expected types of events, separated by commas, for 'type', but got others", field="type")


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/trail",
        "read_trail",
        "The audit trail: one entry for each event, by sequence. It is complete: sequences have no gaps. As of then "
        "it holds what had happened by then, and names and titles are those of then.",
        "read_trail",
        read_trail,
        answer=Page[TrailRow],
        query=(
            Query("stream", q.uuid("stream"), UUID, "Only about this run, procedure or company."),
            Query("actor", q.uuid("actor"), UUID, "Only what this member did."),
            Query("member", q.uuid("member"), UUID, "Only what was about this member, or on their behalf."),
            Query("type", _types, {"type": "string"}, "Only these types of events, separated by commas."),
            Query("step", q.slug("step"), {"type": "string"}, "Only of this step."),
            Query("from", q.instant("from"), INSTANT, "Only what was recorded at that time or later."),
            Query("to", q.instant("to"), INSTANT, "Only what was recorded before that time."),
            Query("reason", q.words("reason", 200), {"type": "string"}, "Only where the reason holds this text."),
            Query("order", q.one_of("order", ORDERS), ORDER, "Oldest first, or newest first."),
            q.LIMIT,
            q.cursor_of(BIG),
            *READ,
        ),
    ),
)
