"""What a comparison found: rows, the file they go to, and the table that is printed."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: medians over `runs` rounds.

    With a reference, `ratio` is ours / reference and `goal` is about the ratio; without one `goal` is about
    `ours`. `spread` is the lowest and highest, over single rounds, of whatever the goal is about.
    """

    name: str
    unit: str
    ours: float | None
    reference: float | None
    reference_name: str | None
    ratio: float | None
    goal: float | None
    runs: int
    spread: tuple[float, float] | None
    better: Better = "higher"

    @property
    def judged(self) -> float | None:
        """What the goal is about."""
        return self.ratio if self.reference_name else self.ours

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without a goal or a figure."""
        if self.goal is None or self.judged is None:
            return None
        return self.judged >= self.goal if self.better == "higher" else self.judged <= self.goal


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [asdict(row) | {"met": row.met} for row in rows]
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def show(rows: Sequence[Row], heading: str) -> None:
    """Print the table, then how many goals are met and which are not."""
    console = Console(width=None if Console().is_terminal else 150)
    console.print(_table(rows, heading))
    console.print(verdict(rows), highlight=False)


def verdict(rows: Sequence[Row]) -> str:
    """How many goals are met, and by name those that are missed or not measured."""
    goals = [row for row in rows if row.goal is not None]
    missed = [row for row in goals if row.met is False]
    lines = [f"{sum(row.met is True for row in goals)} of {len(goals)} goals met"]
    lines += [f"MISSED: {row.name}: {number(row.judged)}, goal {_goal(row)}" for row in missed]
    lines += [f"not measured: {row.name}, goal {_goal(row)}" for row in goals if row.met is None]
    return "\n".join(lines)


WHOLE = 100
"""From here on decimals say nothing."""


def number(figure: float | None) -> str:
    """Three significant digits at least, no more decimals than they need."""
    if figure is None:
        return "–"
    return f"{figure:,.0f}" if abs(figure) >= WHOLE else f"{figure:.3g}"


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    return f"{'≥' if row.better == 'higher' else '≤'} {number(row.goal)}"


def _table(rows: Sequence[Row], heading: str) -> Table:
    table = Table(title=heading, title_justify="left")
    table.add_column("what")
    for column in ("ours", "reference", "ratio", "lowest – highest", "goal"):
        table.add_column(column, justify="right")
    table.add_column("met")
    table.add_column("reference is")
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> tuple[str, ...]:
    spread = "" if row.spread is None else " – ".join(number(end) for end in row.spread)
    met = {True: "yes", False: "[bold red]NO[/]", None: ""}[row.met]
    figures = (number(row.ours), number(row.reference), number(row.ratio), spread, _goal(row))
    return (f"{row.name}, {row.unit}", *figures, met, row.reference_name or "")
