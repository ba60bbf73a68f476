"""What dashboards have in common: a period of whole weeks, and rows whose every number opens to what is behind it."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.refusals import InvalidInput
from queries.asking import AsOf
from queries.weeks import USUAL, WEEK, Weeks, week_of, weeks_until
from services.api import query as q
from services.api import sheets
from services.api.answers import rows
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import Then
from services.api.routes.run_reads import READ

R = TypeVar("R")

MOST_WEEKS = 53
DAY = {"type": "string", "format": "date"}
UUID = {"type": "string", "format": "uuid"}
YES = {"type": "boolean"}
FROM = Query("from", q.day("from"), DAY, f"The week of this day is the first; without it, {USUAL} weeks in all.")
TO = Query("to", q.day("to"), DAY, "The week of this day is the last; without it, the week that is asked about.")
STEP = Query("step", q.slug("step"), {"type": "string"}, "Only this step of the procedure.")
PROCEDURE = Query("procedure", q.uuid("procedure"), UUID, "Only those of this procedure.")

Links = Mapping[str, str]
"""Where what is behind a number is, by the number's name."""


class Figure(Struct, Generic[R], kw_only=True, frozen=True):
    """A row of figures, and where what is behind each of its numbers is listed."""

    figures: R
    behind: Links


class Figures(Struct, Generic[R], kw_only=True, frozen=True):
    """Figures of the weeks from Monday `first` to Sunday `last`, where the company is; null where they are of now."""

    first: date | None
    last: date | None
    items: Sequence[Figure[R]]


class FiguresPage(Figures[R], Generic[R], kw_only=True, frozen=True):
    """Figures of now, some of a list; `next` is the cursor of what follows, null at the end."""

    next: str | None


def period(call: Call, when: Then) -> Weeks:
    """The weeks that are asked about. Raises InvalidInput."""
    given = call.query
    last = week_of(given.get("to") or max(when.today, given.get("from", date.min)))
    first = week_of(given["from"]) if "from" in given else weeks_until(last).first
    count = (last - first) // WEEK + 1
    if not 1 <= count <= MOST_WEEKS:
        raise InvalidInput(
            f"expected 'to' not before 'from', and at most {MOST_WEEKS} weeks, but got {count}", field="to"
        )
    return Weeks(first, last)


def link(path: str, weeks: Weeks | None, as_of: AsOf | None, **given: Any) -> str:
    """A list of what is behind a number, in the same weeks and as of the same moment."""
    span = {"from": weeks.first, "to": weeks.last + timedelta(days=6)} if weeks else {}
    then_too = as_of.isoformat().replace("+00:00", "Z") if isinstance(as_of, datetime) else as_of
    asked = {**given, **span, "as_of": then_too}
    return f"/v1/dashboards/{path}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def needed(call: Call, name: str) -> Any:
    """A parameter that a list cannot do without. Raises InvalidInput."""
    if name not in call.query:
        raise InvalidInput(f"expected {name!r} in the query, but it is not there", field=name)
    return call.query[name]


def figures(
    call: Call, row: type[R], found: Sequence[R], behind: Callable[[R], Links], weeks: Weeks | None = None
) -> Answer | InPieces:
    """Rows of one class as JSON with their links, or as a sheet with the name of the path."""
    if sheets.wants_sheet(call):
        return _sheet(call, row, found)
    first, last = (weeks.first, weeks.last + timedelta(days=6)) if weeks else (None, None)
    return rows(Figures(first=first, last=last, items=_items(found, behind)), [(b"vary", b"accept")])


def figures_page(
    call: Call, row: type[R], found: Sequence[R], behind: Callable[[R], Links], following: object
) -> Answer | InPieces:
    """The same of some rows, behind which others are at the place `following`, None at the end."""
    if sheets.wants_sheet(call):
        return _sheet(call, row, found)
    more = None if following is None else q.cursor(following)
    return rows(FiguresPage(first=None, last=None, items=_items(found, behind), next=more), [(b"vary", b"accept")])


def _items(found: Iterable[R], behind: Callable[[R], Links]) -> list[Figure[R]]:
    return [Figure(figures=row, behind=behind(row)) for row in found]


def _sheet(call: Call, row: type[Any], found: Sequence[Any]) -> InPieces:
    name = call.path.removeprefix("/v1/").replace("/", "-")
    return sheets.sheet(name, _lines(row, found, ZoneInfo(call.known.tenant.time_zone)))


async def _lines(row: type[Any], found: Iterable[Any], zone: ZoneInfo) -> AsyncIterator[bytes]:
    names = [f.name for f in fields(row)]
    yield sheets.titled(names) + sheets.lines(([getattr(one, name) for name in names] for one in found), zone)


def dashboard(path: str, name: str, needs: str, about: str, handle: Any, answer: Any, *query: Query) -> Endpoint:
    """A dashboard's route: as JSON, and as a sheet where the query has a format."""
    also = (sheets.MEDIA,) if sheets.FORMAT in query else ()
    return Endpoint(
        "GET", f"/v1/dashboards/{path}", name, about, needs, handle, answer=answer, also=also, query=(*query, *READ)
    )
