"""Every test that the guarantees page names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_tests_that_it_names_exist() -> None:
    page = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("|") and "`" in row]
    for row in rows:
        folder = Path("tests")
        for name in re.findall(r"`([\w/]+(?:\.py|/))`", row):
            found = ROOT / (name if "/" in name else folder / name)
            assert found.exists(), name
            folder = found.parent
    assert len(rows) > 8
