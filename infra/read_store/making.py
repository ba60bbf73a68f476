"""A projection's tables: made, and written batch by batch within somebody's transaction."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import Connection

from domain.personal import ERASED
from infra.event_store.arrays import register
from infra.read_store import tables, tallies
from infra.read_store.copying import Copying
from infra.read_store.folding import Changes
from infra.roles import ROLES, as_role
from projections.engine import Projection

# The second parameter: they are filled, so readers may see their tenant's rows, and nobody is let off any more.
PROTECT = "SELECT public.protect_read_models(%s, %s)"
OLD = "__old"
"""After the name of what is kept for a roll back."""
BEGIN = "INSERT INTO projections (name, version, position) VALUES (%s, %s, 0)"


def connect(dsn: str) -> Connection[Any]:
    """The projector's connection, which knows our arrays; each statement its own transaction unless one is begun."""
    connection = psycopg.connect(as_role(dsn, ROLES.projector), autocommit=True, client_encoding="utf8")
    register(connection.adapters)
    return connection


def ensure(connection: Connection[Any], projections: Sequence[Projection]) -> None:
    """Make the tables of projections that have none yet; they will be filled from the log's beginning."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('ashiato.projections'))")
        there = {name for (name,) in connection.execute("SELECT name FROM projections")}
        for projection in projections:
            if projection.name not in there:
                create(connection, projection, projection.name)
                connection.execute(PROTECT, (projection.name, True))
                connection.execute(BEGIN, (projection.name, projection.version))


def create(connection: Connection[Any], projection: Projection, schema: str) -> None:
    """Make a projection's tables in a schema of their own, within a transaction, for the projector alone."""
    for statement in tables.create(projection, schema):
        connection.execute(statement)
    connection.execute("SET LOCAL search_path TO public")
    connection.execute(PROTECT, (schema, False))


def store(connection: Connection[Any], copying: Copying, schema: str, changes: Changes) -> None:
    """Write a batch's changes, which were written down, within a transaction."""
    for table, rows in changes.dropped.items():
        connection.execute(tables.delete_sql(schema, table), (tables.to_json(rows),), prepare=True)
    for table, text in changes.written.items():
        connection.execute(tables.upsert_sql(schema, table), (text,), prepare=True)
    for table, rows in changes.added.items():
        copying(schema, table, rows)
    tallies.add(connection, schema, changes.sums)
    for tenant, table in changes.closed:
        connection.execute(tables.erase_sql(schema, table), {"erased": ERASED, "tenant": tenant})


def drop_kept(connection: Connection[Any], name: str) -> bool:
    """Drop what is kept for a roll back, within a transaction that erases somebody; was there any?

    Kept tables are not followed, so they would go on to name whom it erases.
    """
    return forget(connection, name + OLD)


def forget(connection: Connection[Any], schema: str) -> bool:
    """Drop a schema's tables and how far they are, within a transaction; was that known?"""
    known = connection.execute("DELETE FROM projections WHERE name = %s", (schema,)).rowcount > 0
    connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    return known
