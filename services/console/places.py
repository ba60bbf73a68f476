"""Pages of lists, and places in them as addresses say them: parts in a row, read back as the query takes them."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from queries.asking import Placed
from services.console.moments import NotUnderstood, read_number
from services.console.visit import Visit, read_uuid
from services.people_pages import OfPerson, page_of_people

A_PAGE = 50
SEPARATOR = "~"
Part = Callable[[str], Any]
P = TypeVar("P", bound=Placed)
H = TypeVar("H", bound=OfPerson)


def a_page(visit: Visit, found: Sequence[P], most: int = A_PAGE) -> tuple[Sequence[P], str | None]:
    """A page of rows that were asked for one more than it holds, and the address of the next; None at the end."""
    shown = found[:most]
    return shown, visit.here(after=write_place(shown[-1].after)) if len(found) > most else None


def a_page_of_people(
    visit: Visit, found: Sequence[H], name: str, most: int = A_PAGE
) -> tuple[Sequence[H], str | None]:
    """The same of so many people; `name` is the list's part of the address, where there are several lists."""
    shown, following = page_of_people(found, most)
    return shown, visit.here(**{name: write_place(following)}) if following else None


def write_place(place: object) -> str:
    """The place behind a row, a tuple or one value, as text."""
    parts: Sequence[object] = place if isinstance(place, tuple) else (place,)
    return SEPARATOR.join(_written(part) for part in parts)


def read_place(text: str | None, *kinds: Part) -> Any:
    """What `write_place` wrote, one value alone when there is one kind; None for None. Raises NotUnderstood."""
    if text is None:
        return None
    parts = text.split(SEPARATOR, len(kinds) - 1)
    if len(parts) != len(kinds):
        raise NotUnderstood(text)
    read = tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    return read if len(kinds) > 1 else read[0]


def a_day(text: str) -> date:
    """A day. Raises NotUnderstood."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(text) from None


def an_instant(text: str) -> datetime:
    """An instant in UTC. Raises NotUnderstood."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise NotUnderstood(text) from None


def a_number_of_either_sign(text: str) -> int:
    """A whole number that may be below zero. Raises NotUnderstood."""
    return -read_number(text[1:], 18) if text.startswith("-") else read_number(text, 18)


def a_flag(text: str) -> bool:
    """1 or 0. Raises NotUnderstood."""
    if text not in ("0", "1"):
        raise NotUnderstood(text)
    return text == "1"


an_id: Part = read_uuid
a_number: Part = read_number
a_name: Part = str


def _written(part: object) -> str:
    if isinstance(part, bool):
        return "1" if part else "0"
    return part.isoformat() if isinstance(part, date) else str(part)
