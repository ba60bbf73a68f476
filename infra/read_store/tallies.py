"""Tallies in PostgreSQL: added to by differences, and summed up after a rebuild whose workers each counted a part.

Differences are added by whoever writes: where several do, each knows its own tenants only, and sums do not mind in
which order they are made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from psycopg import Connection

from infra.read_store import tables
from projections.engine import Projection, Tally
from projections.tallying import Sums, numbers_of


def add(connection: Connection[Any], schema: str, sums: Sums) -> None:
    """Add differences within a transaction; a row that comes to nothing goes."""
    for table, rows in sums.rows().items():
        connection.execute(add_sql(schema, table), (tables.to_json(rows),), prepare=True)
        fewer = [row for row in rows if any(getattr(row, name) < 0 for name in numbers_of(table))]
        if fewer:
            connection.execute(empty_sql(schema, table), (tables.to_json(fewer),), prepare=True)


def sum_up(connection: Connection[Any], filled: Iterable[tuple[str, Projection]]) -> None:
    """Make one row of the parts of each key in tables that have no keys yet, schema by schema."""
    for schema, projection in filled:
        for table in projection.tallies:
            with connection.transaction():
                for statement in sum_up_sql(schema, table):
                    connection.execute(statement)


@tables.once
def add_sql(schema: str, table: type[Tally]) -> str:
    """Add the rows of a JSON array."""
    name = f"{schema}.{table.table}"
    sums = ", ".join(f"{n} = t.{n} + EXCLUDED.{n}" for n in numbers_of(table))
    return (
        f"INSERT INTO {name} AS t SELECT * FROM json_populate_recordset(NULL::{name}, %s::json) "
        f"ON CONFLICT ({', '.join(tables.primary_key(table))}) DO UPDATE SET {sums}"
    )


@tables.once
def empty_sql(schema: str, table: type[Tally]) -> str:
    """Delete those of the rows in a JSON array that have come to nothing."""
    nothing = " AND ".join(f"t.{n} = 0" for n in numbers_of(table))
    return f"{tables.delete_sql(schema, table)} AND {nothing}"


def sum_up_sql(schema: str, table: type[Tally]) -> Sequence[str]:
    """Statements for one transaction.

    Rows of a week come to lie together, as they do when they are added live: years past are then no part of the pages
    that a question about some weeks looks at.
    """
    name, key, numbers = f"{schema}.{table.table}", ", ".join(tables.primary_key(table)), numbers_of(table)
    sums = ", ".join(f"sum({n}) AS {n}" for n in numbers)
    something = " OR ".join(f"sum({n}) <> 0" for n in numbers)
    summed = f"SELECT {key}, {sums} FROM {name} GROUP BY {key} HAVING {something}"
    return (
        f"CREATE TEMPORARY TABLE summed_up ON COMMIT DROP AS {summed}",
        f"TRUNCATE {name}",
        f"INSERT INTO {name} TABLE summed_up ORDER BY {', '.join(_by_time(table))}",
    )


def _by_time(table: type[Tally]) -> list[str]:
    """The columns of the key, days before the others of a tenant."""
    days = {f.name for f in fields(table) if f.type is date}  # type: ignore[arg-type]  # every row class is a dataclass
    tenant, *others = tables.primary_key(table)
    return [tenant, *sorted(others, key=lambda column: column not in days)]
