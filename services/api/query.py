"""Query strings: every parameter is known and read, or the request is refused; a typo must not change an answer."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from domain.ids import is_slug
from domain.refusals import InvalidInput
from domain.text import problem_in
from queries.asking import AsOf
from services.api.endpoint import Query
from services.api.reading import UUID

MOST_PARAMETERS = 50
CURSORS = 1
"""The version of cursors: raise it when a list's order changes, for an old place would skip or repeat rows then."""
MARK = 6
"""Bytes at a cursor's beginning that say whose list it is of, and in which version."""
EXAMPLE = "2026-04-01T09:00:00+09:00"
WHOLE = re.compile(r"[0-9]{1,18}")
MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,4})?")
SHA256 = re.compile(r"[0-9a-f]{64}")
YEARS = range(1990, 2100)
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


_LIST: ContextVar[bytes] = ContextVar("list", default=bytes(MARK))


def read_query(known: Mapping[str, Query], query: bytes) -> dict[str, Any]:
    """The parameters by name; those not given are missing. Raises InvalidInput."""
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InvalidInput("expected a query with fewer parameters, but there are too many") from None
    found: dict[str, Any] = {}
    for name, text in pairs:
        parameter = known.get(name)
        if parameter is None:
            raise InvalidInput(f"expected {_names(known)} in the query, but got another", field="query")
        if name in found:
            raise InvalidInput(f"expected {name!r} once in the query, but it is there twice", field=name)
        found[name] = parameter.read(text)
    return found


def _names(known: Mapping[str, Query]) -> str:
    return f"only {', '.join(known)}" if known else "no parameters"


def instant(name: str) -> Callable[[str], datetime]:
    """A reader of RFC 3339 instants."""

    def read(text: str) -> datetime:
        # A plus sign that was not escaped arrives as a blank.
        given = text.replace(" ", "+")
        if INSTANT.fullmatch(given):
            try:
                return datetime.fromisoformat(given.upper()).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise InvalidInput(f"expected an instant such as {EXAMPLE} for {name!r}, but got another", field=name)

    return read


def moment(name: str) -> Callable[[str], AsOf]:
    """A reader of instants and sequences."""

    def read(text: str) -> AsOf:
        if WHOLE.fullmatch(text):
            return int(text)
        try:
            return instant(name)(text)
        except InvalidInput:
            raise InvalidInput(
                f"expected an instant such as {EXAMPLE} or a sequence for {name!r}, but got another", field=name
            ) from None

    return read


def whole(name: str, least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        sentence = f"expected a whole number from {least} to {most} for {name!r}, but got another"
        raise InvalidInput(sentence, field=name)

    return read


def uuid(name: str) -> Callable[[str], str]:
    """A reader of UUIDs."""

    def read(text: str) -> str:
        if UUID.fullmatch(text.lower()):
            return text.lower()
        raise InvalidInput(f"expected a UUID for {name!r}, but got another", field=name)

    return read


def one_of(name: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """A reader of one of some words."""

    def read(text: str) -> str:
        if text in choices:
            return text
        raise InvalidInput(f"expected one of {', '.join(choices)} for {name!r}, but got another", field=name)

    return read


def slug(name: str) -> Callable[[str], str]:
    """A reader of short names."""

    def read(text: str) -> str:
        if is_slug(text):
            return text
        raise InvalidInput(f"expected a short name of a-z, 0-9, - and _ for {name!r}, but got another", field=name)

    return read


def decimal(name: str) -> Callable[[str], str]:
    """A reader of decimals, such as amounts."""

    def read(text: str) -> str:
        if DECIMAL.fullmatch(text):
            return text
        raise InvalidInput(f"expected a decimal such as 110000 for {name!r}, but got another", field=name)

    return read


def sha256(name: str) -> Callable[[str], str]:
    """A reader of SHA-256 in hexadecimal."""

    def read(text: str) -> str:
        if SHA256.fullmatch(text.lower()):
            return text.lower()
        raise InvalidInput(f"expected a SHA-256 in 64 hexadecimal digits for {name!r}, but got another", field=name)

    return read


def words(name: str, longest: int) -> Callable[[str], str]:
    """A reader of text that a database can hold."""

    def read(text: str) -> str:
        if not problem_in(text, longest):
            return text
        raise InvalidInput(f"expected at most {longest} characters for {name!r}, but got something else", field=name)

    return read


def month(name: str) -> Callable[[str], date]:
    """A reader of months such as 2026-04: their first day."""

    def read(text: str) -> date:
        if MONTH.fullmatch(text) and int(text[:4]) in YEARS:
            return date(int(text[:4]), int(text[5:]), 1)
        sentence = f"expected a month such as 2026-04, from {YEARS[0]} to {YEARS[-1]}, for {name!r}, but got another"
        raise InvalidInput(sentence, field=name)

    return read


def day(name: str) -> Callable[[str], date]:
    """A reader of days such as 2026-04-01."""

    def read(text: str) -> date:
        if DAY.fullmatch(text) and int(text[:4]) in YEARS:
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        sentence = f"expected a day such as 2026-04-01, from {YEARS[0]} to {YEARS[-1]}, for {name!r}, but got another"
        raise InvalidInput(sentence, field=name)

    return read


def yes_or_no(name: str) -> Callable[[str], bool]:
    """A reader of true and false."""

    def read(text: str) -> bool:
        return one_of(name, ("true", "false"))(text) == "true"

    return read


AS_OF = Query(
    "as_of",
    moment("as_of"),
    {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0}]},
    "Answer as it was: an instant (RFC 3339), or a sequence of the company, everything up to it included.",
)
WAIT_FOR = Query(
    "wait_for",
    whole("wait_for", 0, 2**53),
    {"type": "integer", "minimum": 0},
    "Wait until the read models hold the company's events up to this sequence: the `seq` a command answered with.",
)
LIMIT = Query(
    "limit",
    whole("limit", 1, 500),
    {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
    "At most so many.",
)


def cursor_of(place: Any) -> Query:
    """The parameter that a page's `next` is given back in; `place` is the type it holds."""
    decoder = msgspec.json.Decoder(place)

    def read(text: str) -> Any:
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"==")
            if raw.startswith(_LIST.get()) and b"\\u0000" not in raw:
                return decoder.decode(raw[MARK:])
        except (ValueError, RecursionError):
            pass
        sentence = "expected the 'next' of a page of this very list as 'cursor', but got another"
        raise InvalidInput(sentence, field="cursor")

    return Query("cursor", read, {"type": "string"}, "Where to go on: the `next` of the page before.")


def cursor(place: Any) -> str:
    """A place in a list as opaque text."""
    return urlsafe_b64encode(_LIST.get() + msgspec.json.encode(place)).rstrip(b"=").decode()


def pages_of(tenant: str, route: str) -> None:
    """Cursors that are made and read from here on, while this request is answered, are of a company's list."""
    _LIST.set(hashlib.sha256(f"{CURSORS}:{tenant}:{route}".encode()).digest()[:MARK])
