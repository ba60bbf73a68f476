"""Documents, found by date, amount and counterparty: JSON in pages, or all of them as CSV."""

from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from queries.documents import DocumentFilter, DocumentPlace, DocumentRow, documents
from services.api import query as q
from services.api import sheets
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import Page, Then, limit, page, then, viewer
from services.api.routes.run_reads import BIG, READ
from services.api.routes.trail_reads import UUID

DAY = {"type": "string", "format": "date"}
DECIMAL = {"type": "string", "examples": ["110000", "-0.5"]}
COLUMNS = [field.name for field in fields(DocumentRow)]
A_PIECE = 1_000
"""Lines of CSV that are read and sent at a time."""


async def read_documents(call: Call) -> Answer | InPieces:
    """Documents that fit all that is asked for."""
    when = await then(call)
    if sheets.wants_sheet(call):
        first = await _some(call, when, A_PIECE, call.query.get("cursor"))
        return sheets.sheet("documents", _lines(call, when, first))
    most = limit(call)
    return page(await _some(call, when, most + 1, call.query.get("cursor")), most)


async def _some(call: Call, when: Then, most: int, after: DocumentPlace | None) -> list[DocumentRow]:
    given = call.query
    where = DocumentFilter(
        since=given.get("from"),
        until=given.get("to"),
        least=given.get("amount_from"),
        most=given.get("amount_to"),
        counterparty=given.get("counterparty"),
        procedure=given.get("procedure"),
        department=given.get("department"),
        run=given.get("run"),
        file=given.get("file"),
        corrected=given.get("corrected", False),
    )
    return await documents(
        call.deps.ask, call.tenant, where=where, viewer=viewer(call), limit=most, after=after, as_of=when.as_of
    )


async def _lines(call: Call, when: Then, some: list[DocumentRow]) -> AsyncIterator[bytes]:
    zone = ZoneInfo(call.known.tenant.time_zone)
    yield sheets.titled(COLUMNS)
    while some:
        yield sheets.lines((_cells(document) for document in some), zone)
        some = await _some(call, when, A_PIECE, some[-1].after) if len(some) == A_PIECE else []


def _cells(document: DocumentRow) -> list[object]:
    """A document's columns; amounts are numbers to a spreadsheet, files one text."""
    cells = {name: getattr(document, name) for name in COLUMNS}
    cells["files"] = " ".join(f"{field}={digest}" for field, digest in document.files.items())
    cells["amount"] = None if document.amount is None else Decimal(document.amount)
    return [cells[name] for name in COLUMNS]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/documents",
        "read_documents",
        "Documents that steps kept (invoices, contracts), found by date, amount and counterparty, with ranges, all "
        "of it together. Corrected editions stay, and are shown when asked for. JSON in pages, or all of them as CSV "
        "(`Accept: text/csv`).",
        "read_trail",
        read_documents,
        answer=Page[DocumentRow],
        also=(sheets.MEDIA,),
        query=(
            Query("from", q.day("from"), DAY, "Only those dated this day or later."),
            Query("to", q.day("to"), DAY, "Only those dated this day or earlier."),
            Query("amount_from", q.decimal("amount_from"), DECIMAL, "Only those of this amount or more."),
            Query("amount_to", q.decimal("amount_to"), DECIMAL, "Only those of this amount or less."),
            Query(
                "counterparty",
                q.words("counterparty", 200),
                {"type": "string"},
                "Only those whose counterparty's name holds this, whatever the case or width.",
            ),
            Query("procedure", q.uuid("procedure"), UUID, "Only those of this procedure's runs."),
            Query("department", q.slug("department"), {"type": "string"}, "Only those of this department."),
            Query("run", q.uuid("run"), UUID, "Only those of this run."),
            Query("file", q.sha256("file"), {"type": "string"}, "Only what holds the file of this SHA-256."),
            Query(
                "corrected",
                q.yes_or_no("corrected"),
                {"type": "boolean", "default": False},
                "Also editions that a later one took the place of.",
            ),
            q.LIMIT,
            q.cursor_of(tuple[Annotated[date, Meta()], BIG]),
            sheets.FORMAT,
            *READ,
        ),
    ),
)
