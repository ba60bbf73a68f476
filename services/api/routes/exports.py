"""Routes for exports of the company's log: ask, look, cancel."""

from dataclasses import dataclass
from datetime import UTC, datetime

from commands import exports as c
from domain.ids import ProcedureId, RunId
from domain.refusals import InvalidInput, NotFound
from projections.exports import ASKED
from queries.export_progress import ExportProgress, export_progress
from queries.exports import ExportRow, export, exports
from services.api import keeping_bodies as k
from services.api import query as q
from services.api.answers import ExportAnswer, made, rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.routes.asking import Page, limit, page, then
from services.api.routes.carrying import carry_out, command
from services.api.routes.run_reads import BIG, READ

NEEDS = "read_exports"


@dataclass(frozen=True, slots=True)
class ExportShown:
    """An export, and how far it is while it is made: null before, and of the past."""

    export: ExportRow
    progress: ExportProgress | None


async def ask_export(call: Call) -> Answer:
    """Ask for one: it is made later."""
    body: k.ExportBody = call.body
    found = await carry_out(call, _asked(body))
    answer = made(ExportAnswer, found, f"/v1/exports/{found.command}", export=found.command)
    return Answer(202, answer.body, answer.headers)


def _asked(body: k.ExportBody) -> c.AskExport:
    return c.AskExport(
        body.formats,
        _utc("since", body.since),
        _utc("until", body.until),
        ProcedureId(body.procedure) if body.procedure else None,
        RunId(body.run) if body.run else None,
        body.lang,
        body.personal,
    )


def _utc(name: str, at: datetime | None) -> datetime | None:
    try:
        return at and at.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(f"expected an instant for {name!r} that UTC has, but got another", field=name) from None


async def list_exports(call: Call) -> Answer:
    """The newest first."""
    when, most = await then(call), limit(call)
    found = await exports(call.deps.ask, call.tenant, limit=most + 1, after=call.query.get("cursor"), as_of=when.as_of)
    return page(found, most)


async def get_export(call: Call) -> Answer:
    """One of them."""
    when, name = await then(call), call.ids["export"]
    found = await export(call.deps.ask, call.tenant, name, as_of=when.as_of)
    if found is None:
        raise NotFound("expected an export of the company, but there is none of that id")
    waits = when.as_of is None and found.status == ASKED
    progress = await export_progress(call.deps.ask, call.tenant, name) if waits else None
    return rows(ExportShown(found, progress))


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/exports",
        "ask_export",
        "Ask for an export (書き出し) of the company's log: of everything, of a period, of a procedure with its runs, "
        "or of a run. It is made in the background, up to a signed checkpoint that covers the asking: look at "
        "`Location` until it is made, then take `/bundle` from there. What matches nothing is an export too, and "
        "proves as much.",
        "ask_export",
        ask_export,
        202,
        k.ExportBody,
        ExportAnswer,
        carries_out=("ask_export",),
    ),
    command(
        "PUT", "/v1/exports/{export}/cancellation", c.CancelExport, lambda call: c.CancelExport(call.ids["export"])
    ),
    Endpoint(
        "GET",
        "/v1/exports",
        "list_exports",
        "Exports of the company's log, the newest first: what was asked for, by whom, and what became of it.",
        NEEDS,
        list_exports,
        answer=Page[ExportRow],
        query=(q.LIMIT, q.cursor_of(BIG), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/exports/{export}",
        "get_export",
        "An export; while it is made, `progress` tells events of how many. Once it is `made`, `sha256` and `bytes` are "
        "those of the archive at `/bundle`, which is there until `expires_at`.",
        NEEDS,
        get_export,
        answer=ExportShown,
        query=READ,
    ),
)
