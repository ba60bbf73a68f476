"""Text that people type: one normal form, something to see, nothing that misleads or that a store can't hold."""

import re
import unicodedata

from domain.refusals import InvalidInput

SURROGATE = re.compile("[\ud800-\udfff]")
# They turn the direction of what follows: a name could show as another one (CVE-2021-42574).
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LINE_END = re.compile("[\t\n\r\u2028\u2029]")
# Categories of what takes no ink; private use (外字) and what a later Unicode assigns may well show something.
UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Letters, symbols and marks that take no ink either: Hangul fillers, the empty Braille cell, joiners and selectors.
FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5") | frozenset(map(chr, range(0xFE00, 0xFE10)))


def problem_in(text: str, longest: int) -> str | None:
    """What is wrong with a text, in words that follow "but got"; None when it can be stored."""
    if _is_plain(text, longest):
        return None
    if "\x00" in text:
        return "a NUL character"
    if SURROGATE.search(text):
        return "an unpaired surrogate"
    if len(text) > longest:
        return f"{len(text)} characters"
    return None


def problem_in_lines(text: str, longest: int) -> str | None:
    """The same for a text of several lines that people read; it may be empty."""
    if _is_plain(text, longest):
        return None
    wrong = problem_in(text, longest)
    if wrong is None and CONTROL.search(text):
        return "a control character"
    if wrong is None and TURNING.search(text):
        return "a character that turns the direction of writing"
    return wrong


def problem_in_line(text: str, longest: int) -> str | None:
    """The same for a name or a title: one line, with something to see."""
    wrong = problem_in_lines(text, longest)
    if wrong is None and is_blank(text):
        return "nothing to see"
    if wrong is None and LINE_END.search(text):
        return "a control character"
    return wrong


def _is_plain(text: str, longest: int) -> bool:
    """True for most texts, at a glance: what is printable is no control, no half character and turns nothing."""
    return len(text) <= longest and text.isprintable()


def is_blank(text: str) -> bool:
    """True when there is nothing to see, however many characters there are."""
    return all(character in FILLERS or unicodedata.category(character) in UNSEEN for character in text)


def check_text(field: str, text: str, longest: int) -> str:
    """One line in NFC without outer blanks; refused when empty, too long, misleading or not storable."""
    cleaned = _cleaned(text, longest)
    if wrong := problem_in(text, longest) or problem_in_line(cleaned, longest):
        raise _unfit(field, longest, "characters on one line", wrong)
    return cleaned


def check_lines(field: str, text: str, longest: int) -> str:
    """The same for a text that may have several lines."""
    cleaned = _cleaned(text, longest)
    wrong = problem_in(text, longest) or problem_in_lines(cleaned, longest)
    if wrong or is_blank(cleaned):
        raise _unfit(field, longest, "characters", wrong or "nothing to see")
    return cleaned


def _cleaned(text: str, longest: int) -> str:
    """What is far too long is not looked into."""
    return "" if len(text) > longest else unicodedata.normalize("NFC", text).strip()


def _unfit(field: str, longest: int, what: str, got: str) -> InvalidInput:
    return InvalidInput(f"expected 1 to {longest} {what} for {field!r}, but got {got}", field=field)
