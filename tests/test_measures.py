"""docs/measures.md and the dashboards tell of the same figures."""

import re
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from services.api.routes import ENDPOINTS
from services.api.routes.figures import Figures, FiguresPage

TEXT = (Path(__file__).parents[1] / "docs" / "measures.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))
NO_MEASURES = {("flow/steps", "place")}
"""Numbers that measure nothing: the order of steps."""

Named = tuple[str, str]
"""A dashboard's path and a figure of it."""


def figures_of(section: str) -> list[Named]:
    """What a section's `Where` names: for each dashboard its figures, by semicolons."""
    _, _, where = section.partition("\nWhere: ")
    parts = [re.findall(r"`([^`]+)`", part) for part in where.split(";")]
    return [(path, name) for path, *names in parts for name in names]


def told() -> set[Named]:
    """Every number of every dashboard."""
    found: set[Named] = set()
    for endpoint in ENDPOINTS:
        if get_origin(endpoint.answer) in (Figures, FiguresPage):
            (row,) = get_args(endpoint.answer)
            path, kinds = endpoint.path.removeprefix("/v1/dashboards/"), get_type_hints(row)
            found |= {(path, f.name) for f in fields(row) if is_number(kinds[f.name])}
    return found - NO_MEASURES


def is_number(kind: Any) -> bool:
    return bool({int, float} & set(get_args(kind) if isinstance(kind, UnionType) else (kind,)))


def test_every_figure_is_defined_and_every_definition_is_a_figure() -> None:
    defined = {named for section in SECTIONS.values() for named in figures_of(section)}
    assert defined == told()


def test_a_figure_is_defined_once() -> None:
    every = [named for section in SECTIONS.values() for named in figures_of(section)]
    assert len(every) == len(set(every))


def test_every_measure_says_where_it_is() -> None:
    assert [name for name, section in SECTIONS.items() if not figures_of(section)] == []
