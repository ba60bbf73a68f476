"""docs/access.md says what the table of permissions says."""

from pathlib import Path

from domain.tenants.permissions import EVERYONE, MAY
from tests.access_page import ORDER, tables

PAGE = (Path(__file__).parents[1] / "docs" / "access.md").read_text(encoding="utf-8")


def test_the_page_holds_the_table() -> None:
    assert tables() in PAGE


def test_the_table_has_every_row_and_every_permission() -> None:
    rows = {line.split("`")[1]: line.split("|")[2:-1] for line in tables().splitlines() if line.startswith("| `")}
    assert set(rows) == set(MAY)
    assert set(ORDER) == EVERYONE
    for name, marks in rows.items():
        assert {p for p, mark in zip(ORDER, marks, strict=True) if mark.strip()} == MAY[name]
