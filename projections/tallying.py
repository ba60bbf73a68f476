"""Sums across streams: what rows of tallies add up to, key by key.

Addition forgets the order that it was done in. So streams may be counted in any order, in parallel and in parts, and
the sums are the same; whole numbers only, since floating ones are not even associative.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import cache
from operator import add, attrgetter, neg, sub
from typing import Any, cast

Cell = tuple[Any, ...]
"""A tally's key, the tenant first."""
Numbers = tuple[int, ...]
NONE: Mapping[Cell, Numbers] = {}
Split = tuple[Callable[[Any], Cell], Callable[[Any], Numbers]]


def numbers_of(table: type) -> tuple[str, ...]:
    """The columns of a tally that are added up: all behind its key. Raises TypeError where the key is not in front."""
    names = tuple(f.name for f in fields(table))
    key = ("tenant_id", *table.key)  # type: ignore[attr-defined]  # a tally, which the engine knows and we do not
    if names[: len(key)] != key or names == key:
        raise TypeError(f"expected {table.__name__} to begin with {', '.join(key)} and to count, but it has {names}")
    return names[len(key) :]


def _made(table: type) -> Split:
    names = numbers_of(table)
    key = attrgetter("tenant_id", *table.key)  # type: ignore[attr-defined]  # as above
    if len(names) > 1:
        return key, attrgetter(*names)
    (name,) = names
    return key, lambda row: (getattr(row, name),)


_split = cast("Callable[[type], Split]", cache(_made))


class Sums:
    """Numbers to add: `cells` holds them by table and key."""

    __slots__ = ("cells",)

    def __init__(self) -> None:
        self.cells: dict[type, dict[Cell, Numbers]] = {}

    def __bool__(self) -> bool:
        return bool(self.cells)

    def count(self, row: Any) -> None:
        """Add the numbers of a tally's row."""
        key_of, of = _split(type(row))
        self.increase(type(row), key_of(row), of(row))

    def increase(self, table: type, key: Cell, numbers: Numbers) -> None:
        """The same without making a row: for what is counted at every other event."""
        cells = self.cells.get(table)
        if cells is None:
            cells = self.cells[table] = {}
        held = cells.get(key)
        cells[key] = numbers if held is None else tuple(map(add, held, numbers))

    def add(self, others: "Sums") -> None:
        """Add all of them."""
        for table, numbers in others.cells.items():
            cells = self.cells.setdefault(table, {})
            for key, more in numbers.items():
                held = cells.get(key)
                cells[key] = more if held is None else tuple(map(add, held, more))

    def change(self, before: "Sums", after: "Sums") -> None:
        """Take away what was before and add what is after; most often little of it is not the same."""
        for table in before.cells.keys() | after.cells.keys():
            old, new = before.cells.get(table, NONE), after.cells.get(table, NONE)
            if old == new:
                continue
            for key in old.keys() | new.keys():
                less, more = old.get(key), new.get(key)
                if less is None or more is None:
                    self.increase(table, key, more if more is not None else tuple(map(neg, less or ())))
                elif less != more:
                    self.increase(table, key, tuple(map(sub, more, less)))

    def rows(self) -> Mapping[type, list[Any]]:
        """What is not nothing, as rows of the tables, in the order of their keys: so no two writers wait in a ring."""
        found = {
            table: [table(*key, *cells[key]) for key in sorted(cells) if any(cells[key])]
            for table, cells in sorted(self.cells.items(), key=lambda of: of[0].__name__)
        }
        return {table: rows for table, rows in found.items() if rows}


def counted(rows: Iterable[Any]) -> Sums:
    """The sums of some rows."""
    sums = Sums()
    for row in rows:
        sums.count(row)
    return sums
