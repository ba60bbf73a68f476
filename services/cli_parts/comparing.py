"""`ashiato verify-projections`: what it says of live rows and rebuilt ones."""

from collections.abc import Sequence

from infra.read_store.differing import MOST_TOLD, NOT_SHOWN, Cell, Difference
from services.cli_parts.settings import out


def tell(found: Sequence[Difference]) -> None:
    """Print what differs: of each table the first rows, with key, column and both values."""
    for one in found:
        out.print(f"{one.table}: {one.only_live} only live, {one.only_rebuilt} only rebuilt", soft_wrap=True)
        for cell in one.first:
            # Not by rich: a value may look like its markup.
            print(line(cell))
        if max(one.only_live, one.only_rebuilt) > MOST_TOLD:
            print(f"  … the first {MOST_TOLD} rows by key")
    hidden = [one.table.partition(".")[0] for one in found if any(NOT_SHOWN in line(cell) for cell in one.first)]
    for name in dict.fromkeys(hidden):
        print(f"what is not shown: `ashiato rebuild replay {name}` leaves the rebuilt rows in the schema {name}__next")
    out.print("live and rebuilt differ" if found else "live and rebuilt are the same, row by row")


def line(cell: Cell) -> str:
    """One difference."""
    what = "row" if cell.column is None else cell.column
    return f"  {cell.key}: {what} live {cell.live}, rebuilt {cell.rebuilt}"
