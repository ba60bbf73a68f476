"""Tables as CSV for people: RFC 4180 with CRLF, a byte-order mark for Excel, and no cell that it would carry out."""

import csv
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from services.api import query as q
from services.api.call import Call, Headers, InPieces
from services.api.endpoint import Query
from services.cells import BOM, FORMULA

MEDIA = "text/csv"
FORMATS = ("json", "csv")
FORMAT = Query(
    "format",
    q.one_of("format", FORMATS),
    {"enum": list(FORMATS), "default": "json"},
    "JSON, or the whole list as CSV; without it the `Accept` header decides.",
)


def wants_sheet(call: Call) -> bool:
    """Whether CSV is asked for: by `format`, or else by the first medium of `Accept` that we have."""
    if "format" in call.query:
        return bool(call.query["format"] == "csv")
    for part in call.headers.get(b"accept", b"").decode("latin-1").split(","):
        medium = part.partition(";")[0].strip().lower()
        if medium in ("application/json", "application/*", "*/*"):
            return False
        if medium in (MEDIA, "text/*"):
            return True
    return False


def sheet(name: str, pieces: AsyncIterator[bytes]) -> InPieces:
    """A table as a file to keep; `name` is ASCII."""
    headers: Headers = [
        (b"content-type", b"text/csv; charset=utf-8; header=present"),
        (b"content-disposition", f'attachment; filename="{name}.csv"'.encode("ascii")),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"accept"),
    ]
    return InPieces(200, pieces, headers)


def lines(rows: Iterable[Sequence[Any]], zone: ZoneInfo) -> bytes:
    """Rows as lines; instants in the company's zone with their offset, numbers as numbers, None as nothing."""
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([_cell(value, zone) for value in row] for row in rows)
    return written.getvalue().encode()


def titled(columns: Sequence[str]) -> bytes:
    """The first line, behind the byte-order mark."""
    return BOM.encode() + lines([columns], ZoneInfo("UTC"))


def _cell(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
