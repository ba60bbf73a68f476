"""Charts as SVG shapes: columns side by side, each of one or two parts from the ground up; no style, no script."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

HEIGHT = 100
WIDTH = 10


class Piece(NamedTuple):
    """A part of a column: its top and height in a hundredth of the chart's height, and what it stands for."""

    y: float
    height: float
    kind: str


class Column(NamedTuple):
    """A column: where it begins, in a chart `WIDTH` units wide for each, its pieces, and its words."""

    x: int
    pieces: Sequence[Piece]
    title: str


class Chart(NamedTuple):
    """Columns, and the chart's width in units."""

    columns: Sequence[Column]
    width: int


def chart(values: Iterable[tuple[str, Sequence[tuple[int, str]]]]) -> Chart:
    """A chart of titles with their parts (value, kind), the lowest part first."""
    rows = list(values)
    most = max((sum(value for value, _ in parts) for _, parts in rows), default=0)
    columns = [Column(at * WIDTH, _pieces(parts, max(most, 1)), title) for at, (title, parts) in enumerate(rows)]
    return Chart(columns, max(len(rows), 1) * WIDTH)


def _pieces(parts: Sequence[tuple[int, str]], most: int) -> list[Piece]:
    pieces, ground = [], float(HEIGHT)
    for value, kind in parts:
        height = round(value * HEIGHT / most, 2)
        ground -= height
        if value:
            pieces.append(Piece(round(ground, 2), height, kind))
    return pieces
