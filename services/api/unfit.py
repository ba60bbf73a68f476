"""What a body's decoder complains of, in words for people: which field, what was expected there, what it got."""

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from domain.refusals import InvalidInput

PLACE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<at>.*)`)?", re.DOTALL)
MISSING = re.compile(r"Object missing required field `(.+)`")
UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
EXPECTED = re.compile(r"Expected (?P<expected>.+?)(?:, got (?P<got>.+))?", re.DOTALL)
CHOICE = "Invalid enum value"
DATE = "a date such as 2026-04-01"
INSTANT = "an instant with its time zone, such as 2026-04-01T09:00:00+09:00"
KNOWN = {
    "Invalid RFC3339 encoded datetime": INSTANT,
    "Invalid RFC3339 encoded date": DATE,
    "Expected `datetime` with a timezone component": INSTANT,
    "Expected `str` matching regex '^[0-9a-f]{8}": "a UUID in lower case",
    "Expected `str` matching regex '^[a-z0-9]": "a short name of a-z, 0-9, - and _",
}
WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a decimal number",
    "bool": "true or false",
    "date": DATE,
    "datetime": INSTANT,
    "array": "a list",
    "object": "an object",
    "null": "null",
}
"""msgspec's names of types, for people."""
ANY_KEY = "[...]"


def unfit(message: str, model: Any, raw: bytes) -> InvalidInput:
    """A complaint of msgspec's about a body that was to be a `model`, as a refusal that names the field."""
    found = PLACE.fullmatch(message)
    what, at = (found["what"], found["at"] or "") if found else (message, "")
    if missing := MISSING.fullmatch(what):
        return _refusal(_joined(at, missing[1]), "a value, since it is required", "nothing")
    if unknown := UNKNOWN.fullmatch(what):
        return _refusal(_joined(at, unknown[1]), "only known fields", "another")
    field = _named(at, model, raw) if ANY_KEY in at else at or "body"
    if what.startswith(CHOICE):
        return _refusal(field, f"one of {', '.join(_choices(_kind_at(at, model)))}", "another")
    for begins, expected in KNOWN.items():
        if what.startswith(begins):
            return _refusal(field, expected, "something else")
    said = EXPECTED.fullmatch(what)
    expected = _in_words(said["expected"]) if said else "what the API's description says"
    return _refusal(field, expected, _in_words(said["got"]) if said and said["got"] else "something else")


def _refusal(field: str, expected: str, got: str) -> InvalidInput:
    return InvalidInput(
        f"expected {expected} for {field!r}, but got {got}",
        problems=[{"field": field, "expected": expected, "got": got}],
    )


def _in_words(said: str) -> str:
    """`int | null` or `str` of length <= 5, said for people."""
    kinds, _, bounds = said.removeprefix("`").partition("`")
    words = " or ".join(WORDS.get(kind, kind) for kind in kinds.split(" | "))
    return words + bounds.replace(" of length", " whose length is")


def _joined(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _named(at: str, model: Any, raw: bytes) -> str:
    """The place with the key of the mapping that does not fit: msgspec leaves it out."""
    before, _, _ = at.partition(ANY_KEY)
    kind = _inner(_kind_at(before, model))
    try:
        given = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return before  # what follows the complaint is no JSON at all
    for part in _parts(before):
        given = given[int(part)] if isinstance(given, list) else given[part]
    return f"{before}.{next((key for key, value in given.items() if not _fits(value, kind)), ANY_KEY)}"


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _kind_at(at: str, model: Any) -> Any:
    """The type that is expected at a place of a model."""
    kind = model
    for part in _parts(at):
        kind = _inner(kind) if part.isdecimal() else get_type_hints(_structure(kind)).get(part, Any)
    return kind


def _inner(kind: Any) -> Any:
    """The type of what a list or a mapping holds."""
    inner = [each for each in get_args(kind) if each is not Ellipsis]
    return inner[-1] if inner else Any


def _parts(at: str) -> list[str]:
    return [part for part in re.split(r"[.\[\]]+", at) if part]


def _structure(kind: Any) -> Any:
    """The class with fields within a hint such as `tuple[Step, ...]` or `Due | None`."""
    within = (kind, *get_args(kind))
    return next((k for k in within if isinstance(k, type) and (is_dataclass(k) or issubclass(k, msgspec.Struct))), kind)


def _choices(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from map(str, get_args(kind))
        return
    for inner in get_args(kind):
        yield from _choices(inner)
