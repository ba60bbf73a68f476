"""Text that people type: one normal form, and nothing that a database or a canonical form can't hold."""

import re
import unicodedata

from domain.refusals import InvalidInput

SURROGATE = re.compile("[\ud800-\udfff]")


def problem_in(text: str, longest: int) -> str | None:
    """What is wrong with a text, in words that follow "but got"; None when nothing is."""
    if "\x00" in text:
        return "a NUL character"
    if SURROGATE.search(text):
        return "an unpaired surrogate"
    if len(text) > longest:
        return f"{len(text)} characters"
    return None


def check_text(field: str, text: str, longest: int) -> str:
    """The text in NFC without outer blanks; refused when empty, too long or not storable."""
    wrong = problem_in(text, longest)
    cleaned = "" if wrong else unicodedata.normalize("NFC", text).strip()
    if wrong or not cleaned:
        raise InvalidInput(
            f"expected 1 to {longest} characters for {field!r}, but got {wrong or 'none'}", field=field
        )
    return cleaned
