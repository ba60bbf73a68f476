"""SQL for a projection's tables, made from its row classes. Rows travel as JSON, in columns' order.

Table and schema names come from our own classes, never from input.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

import msgspec

from projections.engine import Projection, Row

P = ParamSpec("P")
T = TypeVar("T")


def once(function: Callable[P, T]) -> Callable[P, T]:
    """`functools.cache` whose arguments keep their types: a checker thinks that classes of rows are not hashable."""
    return cast("Callable[P, T]", cache(function))


_encode = msgspec.json.Encoder().encode


def columns(table: type[Row]) -> list[str]:
    """The columns of a table, in order."""
    return [f.name for f in fields(table)]  # type: ignore[arg-type]  # every row class is a dataclass


def primary_key(table: type[Row]) -> list[str]:
    """The tenant first, then the scope, then what tells rows apart within it."""
    names = ["tenant_id", table.scope, *table.key]
    return list(dict.fromkeys(names))


@once
def upsert_sql(schema: str, table: type[Row]) -> str:
    """Insert or replace the rows of a JSON array; a ledger's are never there twice."""
    key = primary_key(table)
    sets = ", ".join(f"{c} = EXCLUDED.{c}" for c in columns(table) if c not in key)
    name = f"{schema}.{table.table}"
    insert = f"INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, %s::json)"
    if table.ledger:
        return insert
    return f"{insert} ON CONFLICT ({', '.join(key)}) " + (f"DO UPDATE SET {sets}" if sets else "DO NOTHING")


@once
def delete_sql(schema: str, table: type[Row]) -> str:
    """Delete the rows whose keys stand in a JSON array."""
    name = f"{schema}.{table.table}"
    same = " AND ".join(f"t.{c} = k.{c}" for c in primary_key(table))
    return f"DELETE FROM {name} t USING json_populate_recordset(NULL::{name}, %s::json) k WHERE {same}"


@once
def load_sql(schema: str, table: type[Row]) -> str:
    """The rows of some scopes as one JSON array; parameters: tenants and scopes, in pairs."""
    name = f"{schema}.{table.table}"
    return (
        f"SELECT coalesce(json_agg(t), '[]')::text FROM unnest(%s, %s) s (tenant, scope) "
        f"JOIN {name} t ON t.tenant_id = s.tenant AND t.{table.scope} = s.scope"
    )


@once
def erase_sql(schema: str, table: type[Row]) -> str:
    """Name nobody any more in a tenant's rows."""
    sets = ", ".join(f"{column} = %(erased)s" for column in table.personal)
    return f"UPDATE {schema}.{table.table} SET {sets} WHERE tenant_id = %(tenant)s"


@once
def copy_sql(target: str, table: type[Row]) -> str:
    """Take a table's rows by COPY, in binary form, into it or another of its columns."""
    return f"COPY {target} ({', '.join(columns(table))}) FROM STDIN (FORMAT binary)"


def stage(table: type[Row]) -> str:
    """The temporary table that a table's new rows go through."""
    return f"pg_temp.new_{table.table}"


@once
def stage_sql(schema: str, table: type[Row]) -> str:
    """Make it, when it is not there."""
    name = stage(table).removeprefix("pg_temp.")
    return f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} (LIKE {schema}.{table.table}) ON COMMIT DELETE ROWS"


@once
def empty_sql(table: type[Row]) -> str:
    """Empty it, when something was copied before in the same transaction."""
    return f"DELETE FROM {stage(table)}"


@once
def unstage_sql(schema: str, table: type[Row]) -> str:
    """Bring the new rows to where they belong."""
    return f"INSERT INTO {schema}.{table.table} TABLE {stage(table)}"


@once
def decoder(table: type[Row]) -> msgspec.json.Decoder[Any]:
    """Rows of a table from a JSON array."""
    return msgspec.json.Decoder(list[table])  # type: ignore[valid-type]  # a class at run time


def to_json(rows: Sequence[Row]) -> str:
    """Rows as a JSON array of objects with the columns' names."""
    return _encode(rows).decode()


def create(projection: Projection, schema: str) -> list[str]:
    """Statements that make a projection's tables in a schema."""
    return [f"CREATE SCHEMA {schema}", f"SET LOCAL search_path TO {schema}", projection.ddl]


def schemas(projections: Iterable[Projection]) -> str:
    """A search path over the projections' schemas and the log."""
    return ", ".join([*(p.name for p in projections), "public"])
