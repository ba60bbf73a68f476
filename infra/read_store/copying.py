"""Rows by COPY in its binary form: nothing is written out as text here and parsed again there."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from infra.read_store import tables
from infra.read_store.binary_rows import BEGINNING, END, Made, encoder
from projections.engine import Row

TYPES = """
    SELECT atttypid::int FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""

MOST_MADE = 50_000
"""Fields kept for the tables to come."""


class Copying:
    """Adds rows that are not there yet, over one connection; asks once what types a table's columns have.

    `staged` goes through a temporary table: COPY does not work under row-level security.
    """

    def __init__(self, connection: Connection[Any], *, staged: bool = False) -> None:
        self._connection = connection
        self._staged: set[str] | None = set() if staged else None
        self._types: dict[str, tuple[int, ...]] = {}
        self._made: Made = {}

    def __call__(self, schema: str, table: type[Row], rows: Sequence[Row]) -> None:
        """Add rows to a table in a schema."""
        self.send(schema, table, [self.encoded(schema, table, rows)])

    def encoded(self, schema: str, table: type[Row], rows: Sequence[Row]) -> bytes:
        """Rows as `send` takes them: what they are made of can be let go."""
        if sum(map(len, self._made.values())) > MOST_MADE:
            self._made.clear()
        return encoder(table, self._types_of(f"{schema}.{table.table}"))(rows, self._made)

    def send(self, schema: str, table: type[Row], encoded: Iterable[bytes]) -> None:
        """Add rows that were encoded for it to a table in a schema."""
        with self._connection.cursor() as cursor:
            target = self._stage(schema, table) if self._staged is not None else f"{schema}.{table.table}"
            with cursor.copy(tables.copy_sql(target, table)) as copy:
                copy.write(b"".join((BEGINNING, *encoded, END)))
            if self._staged is not None:
                cursor.execute(tables.unstage_sql(schema, table), prepare=True)

    def begin_again(self) -> None:
        """Something was rolled back, or is to be copied twice in one transaction: stages are made and emptied anew."""
        if self._staged is not None:
            self._staged.clear()

    def _stage(self, schema: str, table: type[Row]) -> str:
        """A temporary table of the same columns, emptied by every commit."""
        name = f"{schema}.{table.table}"
        if self._staged is not None and name not in self._staged:
            self._connection.execute(tables.stage_sql(schema, table))
            self._connection.execute(tables.empty_sql(table))
            self._staged.add(name)
        return tables.stage(table)

    def _types_of(self, name: str) -> tuple[int, ...]:
        types = self._types.get(name)
        if types is None:
            found = self._connection.execute(TYPES, (name,)).fetchall()
            types = self._types[name] = tuple(kind for (kind,) in found)
        return types
