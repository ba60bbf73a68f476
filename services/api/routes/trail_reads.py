"""The audit trail: searched, followed, and each entry with what led to it and what it led to."""

from collections.abc import Sequence

from msgspec import Struct

from domain.events import EVENT_TYPES
from domain.refusals import InvalidInput, NotFound
from queries.trail import TrailFilter, search, trail
from queries.trail_related import related
from services.api import query as q
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.query import cursor
from services.api.routes.asking import limit, named
from services.api.routes.run_reads import BIG, READ
from services.api.told import LANG, ToldRow, told

UUID = {"type": "string", "format": "uuid"}
INSTANT = {"type": "string", "format": "date-time"}
SEQUENCE = {"type": "integer", "minimum": 1}
TEXT = {"type": "string"}
ORDERS = ("asc", "desc")
ORDER = {"enum": list(ORDERS), "default": "asc"}
LONGEST = 200
MOST_SEQ = 2**53


class TrailPage(Struct, kw_only=True, frozen=True):
    """Some of the trail. `next` is the cursor of what follows, null at the end; a page may be empty and have a `next`.

    `resume` is the cursor to ask with for what will have happened since, oldest first; it is there on empty pages too.
    """

    items: Sequence[ToldRow]
    next: str | None
    resume: str | None


class TrailStory(Struct, kw_only=True, frozen=True):
    """An entry and what belongs to it.

    `same_command` is what the command did beside it, in order; `causes` what the command that this one followed from
    did, `effects` what commands that followed from this one did. `before` and `after` are its stream's neighbours.
    """

    entry: ToldRow
    same_command: Sequence[ToldRow]
    causes: Sequence[ToldRow]
    effects: Sequence[ToldRow]
    before: ToldRow | None
    after: ToldRow | None


async def read_trail(call: Call) -> Answer:
    """Who did what, for whom, when and why."""
    most, given = limit(call), call.query
    where = TrailFilter(
        stream=given.get("stream") or given.get("run"),
        actor=given.get("actor"),
        member=given.get("member"),
        types=given.get("type"),
        step=given.get("step"),
        since=given.get("from"),
        until=given.get("to"),
        reason=given.get("reason"),
        on_behalf_of=given.get("on_behalf_of"),
        procedure=given.get("procedure"),
        department=given.get("department"),
        subject=given.get("subject"),
        text=given.get("text"),
        occurred_since=given.get("occurred_from"),
        occurred_until=given.get("occurred_to"),
        first=given.get("seq_from"),
        last=given.get("seq_to"),
        command=given.get("command"),
        correlation=given.get("correlation"),
    )
    newest_first, after = given.get("order") == "desc", given.get("cursor")
    found = await search(
        call.deps.ask,
        call.tenant,
        where=where,
        newest_first=newest_first,
        limit=most,
        after=after,
        as_of=given.get("as_of"),
    )
    items = await told(call, named(found.entries))
    following = None if found.looked is None else cursor(found.looked)
    resume = None if newest_first else following or cursor(max(found.last, after or 0))
    return rows(TrailPage(items=items, next=following, resume=resume))


async def read_entry(call: Call) -> Answer:
    """One entry, and what belongs to it."""
    seq, as_of = int(call.ids["seq"]), call.query.get("as_of")
    entries = await trail(
        call.deps.ask, call.tenant, where=TrailFilter(first=seq, last=seq), limit=1, as_of=as_of
    )
    if not entries:
        raise NotFound("expected an event of the company, but there is none of that sequence")
    belonging = await related(call.deps.ask, call.tenant, entries[0], as_of=as_of)
    entry, *others = await told(call, named([*entries, *belonging]))
    beside = [other for other in others if other.stream_id == entry.stream_id]
    return rows(
        TrailStory(
            entry=entry,
            same_command=[other for other in others if other.command_id == entry.command_id],
            causes=[other for other in others if other.command_id == entry.causation],
            effects=[other for other in others if other.causation == entry.command_id],
            before=next((other for other in beside if other.version == entry.version - 1), None),
            after=next((other for other in beside if other.version == entry.version + 1), None),
        )
    )


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
        "it holds what had happened by then, and names and titles are those of then. What is asked for holds all "
        "together. A search that looks through much comes in pages that may be empty: go on with `next`.",
        "read_trail",
        read_trail,
        answer=TrailPage,
        query=(
            Query("stream", q.uuid("stream"), UUID, "Only about this run, procedure or company."),
            Query("run", q.uuid("run"), UUID, "Only about this run."),
            Query("procedure", q.uuid("procedure"), UUID, "Only about this procedure and its runs."),
            Query("department", q.slug("department"), TEXT, "Only about procedures and runs of this department."),
            Query("subject", q.words("subject", LONGEST), TEXT, "Only about runs whose subject holds this text."),
            Query("actor", q.uuid("actor"), UUID, "Only what this member did."),
            Query("on_behalf_of", q.uuid("on_behalf_of"), UUID, "Only what was done on behalf of this member."),
            Query("member", q.uuid("member"), UUID, "Only what was about this member, or on their behalf."),
            Query("type", _types, TEXT, "Only these types of events, separated by commas."),
            Query("step", q.slug("step"), TEXT, "Only of this step."),
            Query("from", q.instant("from"), INSTANT, "Only what was recorded at that time or later."),
            Query("to", q.instant("to"), INSTANT, "Only what was recorded before that time."),
            Query(
                "occurred_from",
                q.instant("occurred_from"),
                INSTANT,
                "Only what happened then or later, as claimed.",
            ),
            Query("occurred_to", q.instant("occurred_to"), INSTANT, "Only what happened, as claimed, before then."),
            Query("seq_from", q.whole("seq_from", 1, MOST_SEQ), SEQUENCE, "Only from this sequence on."),
            Query("seq_to", q.whole("seq_to", 1, MOST_SEQ), SEQUENCE, "Only up to this sequence."),
            Query("command", q.uuid("command"), UUID, "Only what this command did."),
            Query("correlation", q.uuid("correlation"), UUID, "Only what belongs together under this id."),
            Query("reason", q.words("reason", LONGEST), TEXT, "Only where the reason holds this text."),
            Query(
                "text",
                q.words("text", LONGEST),
                TEXT,
                "Only where the reason, the subject, a title, a name, or an old or new value holds this text.",
            ),
            Query("order", q.one_of("order", ORDERS), ORDER, "Oldest first, or newest first."),
            LANG,
            q.LIMIT,
            q.cursor_of(BIG),
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/trail/{seq}",
        "read_trail_entry",
        "One entry of the trail by its sequence, with what its command did beside it, what led to it, what it led to, "
        "and what happened to the same run (or procedure, or company) just before and after.",
        "read_trail",
        read_entry,
        answer=TrailStory,
        query=(LANG, *READ),
    ),
)
