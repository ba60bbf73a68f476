"""One canonical form for each kind of form value, so that equal values are equal texts."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from domain.procedures.definition import Field, FieldKind
from domain.text import is_blank, problem_in, problem_in_lines

Value = str | bool

LONGEST_TEXT = 10_000
MOST_DIGITS = 30
AMOUNT_DECIMALS = 4
YEARS = range(1900, 2201)

DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHA256 = re.compile(r"[0-9a-f]{64}")
# What a Japanese keyboard types for digits when nobody thought of switching it.
HALF_WIDTH = str.maketrans("０１２３４５６７８９．－", "0123456789.-")

SHAPES = {int: "an integer", float: "a float", list: "a list", dict: "an object"}


class Unfit(ValueError):
    """A value that does not fit its field. `got` tells its shape and never the value: it may be personal."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, but got {got}")
        self.expected = expected
        self.got = got


TEXT = f"a text of at most {LONGEST_TEXT:,} characters"
DATE = f"a date like 2026-04-01, from {YEARS[0]} to {YEARS[-1]}"


def canonical(field: Field, given: object) -> Value:
    """The value in its field's canonical form; Unfit when it is not of that kind."""
    return READERS[field.kind](field, given)


def shape(given: object) -> str:
    """A value's type and size, without the value."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        return problem_in_lines(given, LONGEST_TEXT) or f"a text of {len(given)} characters"
    return SHAPES.get(type(given), "something else")


def _text(_: Field, given: object) -> str:
    if not isinstance(given, str) or problem_in_lines(given, LONGEST_TEXT):
        raise Unfit(TEXT, shape(given))
    text = unicodedata.normalize("NFC", given).strip()
    if problem_in(text, LONGEST_TEXT):
        # A few characters grow when composed (U+0958 and its like are excluded from composition).
        raise Unfit(TEXT, shape(text))
    # What nobody can see fills no required field in.
    return "" if is_blank(text) else text


def _number(field: Field, given: object) -> str:
    decimals = AMOUNT_DECIMALS if field.kind == "amount" else MOST_DIGITS
    found = DECIMAL.fullmatch(_digits(given))
    if not found:
        raise Unfit(_decimal(decimals), shape(given))
    whole, fraction = found[2].lstrip("0") or "0", (found[3] or "").rstrip("0")
    if len(whole) + len(fraction) > MOST_DIGITS or len(fraction) > decimals:
        raise Unfit(_decimal(decimals), f"{len(whole)} digits before the point and {len(fraction)} after it")
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else found[1] + number


def _decimal(decimals: int) -> str:
    return f"a decimal of at most {MOST_DIGITS} digits, at most {decimals} of them after the point"


def _digits(given: object) -> str:
    if isinstance(given, str) and len(given) <= LONGEST_TEXT:
        return given.strip().translate(HALF_WIDTH)
    # Beyond the limit an integer is not even spelt out: that takes time, and Python refuses at 4,300 digits.
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**MOST_DIGITS:
        return str(given)
    return ""


def _date(_: Field, given: object) -> str:
    text = given.strip() if isinstance(given, str) else ""
    # date.fromisoformat alone would take 20260401 and 2026-W14-3 too.
    if not ISO_DATE.fullmatch(text):
        raise Unfit(DATE, shape(given))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unfit(DATE, "a day that does not exist") from None
    if day.year not in YEARS:
        raise Unfit(DATE, "a date out of that range")
    return text


def _choice(field: Field, given: object) -> str:
    text = unicodedata.normalize("NFC", given).strip() if isinstance(given, str) else None
    for choice in field.choices:
        if unicodedata.normalize("NFC", choice).strip() == text:
            return choice
    raise Unfit(f"one of {', '.join(field.choices)}", shape(given))


def _check(_: Field, given: object) -> bool:
    if isinstance(given, bool):
        return given
    raise Unfit("true or false", shape(given))


def _person(_: Field, given: object) -> str:
    text = given.strip().lower() if isinstance(given, str) else ""
    if not UUID_TEXT.fullmatch(text):
        raise Unfit("the UUID of a person", shape(given))
    return str(UUID(text))


def _file(_: Field, given: object) -> str:
    text = given.strip().lower() if isinstance(given, str) else ""
    if not SHA256.fullmatch(text):
        raise Unfit("a file's SHA-256 in 64 hexadecimal digits", shape(given))
    return text


READERS: Mapping[FieldKind, Callable[[Field, object], Value]] = {
    "text": _text,
    "number": _number,
    "amount": _number,
    "date": _date,
    "choice": _choice,
    "check": _check,
    "person": _person,
    "file": _file,
}
