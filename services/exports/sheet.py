"""The events as CSV that spreadsheets open as it is meant: see services/api/sheets.py for the rules."""

import csv
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from services.cells import BOM, FORMULA
from services.exports.flat import COLUMNS, Flat

TYPED = ("reason", "actor_name", "on_behalf_of_name")
"""Cells that people typed: no others can begin like a formula."""


class Sheet:
    """Writes records as lines: CRLF, a byte-order mark, instants in the company's zone with their offset."""

    def __init__(self, file: BinaryIO, zone: ZoneInfo) -> None:
        self._lines = csv.writer(_Encoded(file), lineterminator="\r\n")
        self._zone = zone
        file.write(BOM.encode())
        self._lines.writerow(COLUMNS)

    def __call__(self, records: Iterable[Flat]) -> None:
        """Write some records."""
        self._lines.writerows(map(self._cells, records))

    def _cells(self, one: Flat) -> tuple[object, ...]:
        seq, recorded, occurred, kind, of, stream, version, actor, name, behalf, behalf_name, reason, *rest = one
        return (
            *(seq, recorded.astimezone(self._zone).isoformat(), self._moment(occurred), kind, of, stream, version),
            *(actor, _typed(name), behalf, _typed(behalf_name), _typed(reason), *rest),
        )

    def _moment(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self._zone).isoformat()


class _Encoded:
    """What csv writes to: texts become bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a line."""
        return self._file.write(text.encode())


def _typed(text: str | None) -> str | None:
    return f"'{text}" if text is not None and text.startswith(FORMULA) else text
