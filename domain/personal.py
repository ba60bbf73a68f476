"""Personal data is marked where it is declared, with whose it is, so that it can be sealed and erased."""

from collections.abc import Iterable
from dataclasses import field, fields
from typing import Any

MARK = "personal"

ERASED = "消去済み (erased)"
"""What stands wherever personal data of somebody stood who was erased: in states, rows and answers."""


def personal(of: str, **kwargs: Any) -> Any:
    """A dataclass field that holds personal data; `of` names the sibling field with the person's id.

    `of="stream"` means the person whom the stream is about (the subject of a run).
    """
    return field(metadata={MARK: of}, **kwargs)


def personal_fields(event: type) -> dict[str, str]:
    """The marked fields of an event type: field name → whose."""
    return {f.name: f.metadata[MARK] for f in fields(event) if MARK in f.metadata}


def erased_form(names: Iterable[str]) -> dict[str, str]:
    """A form of somebody who was erased: what was asked is known, what they answered is not."""
    return dict.fromkeys(names, ERASED)
