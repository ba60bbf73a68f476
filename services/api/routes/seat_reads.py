"""The seat ledger: months, and the entries behind them, as JSON and as CSV."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from domain.refusals import InvalidInput
from queries.asking import AsOf
from queries.seat_entries import SeatLine, seat_entries
from queries.seat_ledger import LedgerMonth, seat_ledger
from services.api import query as q
from services.api import sheets
from services.api.answers import rows
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import Page, Then, limit, page, then
from services.api.routes.run_reads import BIG, READ

MOST_MONTHS = 120
A_PIECE = 1_000
"""Lines of CSV that are read and sent at a time."""
MONTH = {"type": "string", "examples": ["2026-04"]}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EDGE = {"type": "string", "examples": ["2026-04", "2026-04-06"]}
UUID = {"type": "string", "format": "uuid"}


class LedgerRow(Struct, kw_only=True, frozen=True):
    """A month of the ledger, and where the entries behind it and the seats held at its peak are."""

    month: LedgerMonth
    entries: str
    at_peak: str | None


class Ledger(Struct, kw_only=True, frozen=True):
    """Months of the seat ledger, in the company's `time_zone`, as things stood at `at`."""

    at: datetime
    time_zone: str
    months: Sequence[LedgerRow]


async def ledger(call: Call) -> Answer | InPieces:
    """The months."""
    when = await then(call)
    first, last = _span(call, when)
    zone = call.known.tenant.time_zone
    found = await seat_ledger(
        call.deps.ask, call.tenant, first=first, last=last, time_zone=zone, at=when.at, as_of=when.as_of
    )
    if sheets.wants_sheet(call):
        return sheets.sheet("seat-ledger", _month_lines(found, ZoneInfo(zone)))
    months = [_linked(month, when.as_of) for month in found]
    return rows(Ledger(at=when.at, time_zone=zone, months=months), [(b"vary", b"accept")])


async def entries(call: Call) -> Answer | InPieces:
    """The entries."""
    when = await then(call)
    if sheets.wants_sheet(call):
        zone = ZoneInfo(call.known.tenant.time_zone)
        first = await _some(call, when, A_PIECE, call.query.get("cursor"))
        return sheets.sheet("seat-entries", _entry_lines(call, when, zone, first))
    most = limit(call)
    return page(await _some(call, when, most + 1, call.query.get("cursor")), most)


async def _some(call: Call, when: Then, most: int, after: tuple[datetime, int] | None) -> list[SeatLine]:
    given, zone = call.query, ZoneInfo(call.known.tenant.time_zone)
    span: dict[str, datetime] = {}
    if "from" in given:
        span["since"] = _begins(given["from"][0], zone)
    if "to" in given:
        span["until"] = _begins(given["to"][1] + timedelta(days=1), zone)
    return await seat_entries(
        call.deps.ask,
        call.tenant,
        at=when.at,
        member=given.get("member"),
        limit=most,
        after=after,
        as_of=when.as_of,
        **span,
    )


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _span(call: Call, when: Then) -> tuple[date, date]:
    """The months asked for: without `from` the year that ends with `to`, without `to` until now."""
    last: date = call.query.get("to") or max(when.today.replace(day=1), call.query.get("from", date.min))
    first: date = call.query.get("from") or date(last.year - (last.month < 12), last.month % 12 + 1, 1)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidInput(
            f"expected 'to' not before 'from', and at most {MOST_MONTHS} months, but got {months}", field="to"
        )
    return first, last


def _linked(month: LedgerMonth, as_of: AsOf | None) -> LedgerRow:
    mark = as_of.isoformat().replace("+00:00", "Z") if isinstance(as_of, datetime) else as_of
    then_too = "" if mark is None else f"&as_of={mark}"
    name = f"{month.month:%Y-%m}"
    peak = None if month.peak_at is None else month.peak_at.isoformat().replace("+00:00", "Z")
    return LedgerRow(
        month=month,
        entries=f"/v1/seats/ledger/entries?from={name}&to={name}{then_too}",
        at_peak=None if peak is None else f"/v1/seats?as_of={peak}",
    )


async def _month_lines(found: Sequence[LedgerMonth], zone: ZoneInfo) -> AsyncIterator[bytes]:
    columns = [f.name for f in fields(LedgerMonth)]
    values = ([getattr(month, name) for name in columns] for month in found)
    yield sheets.titled(columns) + sheets.lines(values, zone)


async def _entry_lines(call: Call, when: Then, zone: ZoneInfo, some: list[SeatLine]) -> AsyncIterator[bytes]:
    columns = [f.name for f in fields(SeatLine)]
    yield sheets.titled(columns)
    while some:
        yield sheets.lines(([getattr(line, name) for name in columns] for line in some), zone)
        some = await _some(call, when, A_PIECE, some[-1].after) if len(some) == A_PIECE else []


def _edge(name: str) -> Any:
    """A reader of days and months: their first and last day."""

    def read(text: str) -> tuple[date, date]:
        if q.MONTH.fullmatch(text):
            first = q.month(name)(text)
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        try:
            day = date.fromisoformat(text) if DAY.fullmatch(text) else date.min
        except ValueError:
            day = date.min
        if day.year in q.YEARS:
            return day, day
        sentence = f"expected a day such as 2026-04-06 or a month such as 2026-04 for {name!r}, but got another"
        raise InvalidInput(sentence, field=name)

    return read


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/seats/ledger",
        "seat_ledger",
        "Seats month by month: opening, peak and its instant, closing, seat-days, what invitations held, and the "
        "limit. Months are the company's own. Each leads to its entries. JSON, or CSV (`Accept: text/csv`).",
        "read_seats",
        ledger,
        answer=Ledger,
        also=(sheets.MEDIA,),
        query=(
            Query("from", q.month("from"), MONTH, "The first month; without it, the year that ends with the last."),
            Query("to", q.month("to"), MONTH, "The last month; without it, the one that is asked about."),
            sheets.FORMAT,
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/seats/ledger/entries",
        "seat_entries",
        "Each seat that was taken, given back, or held in another way from then on, with the event that made it: "
        "who, when and why. JSON in pages, or all of them as CSV (`Accept: text/csv`).",
        "read_seats",
        entries,
        answer=Page[SeatLine],
        also=(sheets.MEDIA,),
        query=(
            Query("from", _edge("from"), EDGE, "Only from this day or month on, where the company is."),
            Query("to", _edge("to"), EDGE, "Only until this day or month, all of it included."),
            Query("member", q.uuid("member"), UUID, "Only the seats of this member."),
            q.LIMIT,
            q.cursor_of(tuple[Annotated[datetime, Meta(tz=True)], BIG]),
            sheets.FORMAT,
            *READ,
        ),
    ),
)
