"""Read models as they were: a tenant's events up to a sequence, folded in memory."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from infra.read_store import tables
from infra.read_store.folding import STORED, Stored, decoded
from projections.engine import Projection, Row, Rows

CHUNK = 2_000

OF_TENANT = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND tenant_seq > %s AND tenant_seq <= %s AND type = ANY (%s)
    ORDER BY tenant_seq LIMIT %s
"""
OF_STREAM = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND stream_id = %s AND tenant_seq <= %s ORDER BY version
"""


@dataclass(frozen=True)
class Past:
    """The rows of a projection's tables as JSON arrays, by table, and how many bytes they are."""

    rows: dict[str, str]
    size: int


def past_connections(dsn: str, size: int = 2) -> ConnectionPool[Connection[Any]]:
    """Connections for folding the past, each used by one thread at a time; open it before use."""
    return ConnectionPool(dsn, min_size=1, max_size=size, open=False, configure=_configure)


def fold_past(
    connections: ConnectionPool[Connection[Any]],
    projection: Projection,
    tenant: str,
    seq: int,
    stream: str | None = None,
) -> Past:
    """Fold a tenant's events, or one stream's, up to and including a sequence."""
    with connections.connection() as connection:
        if stream:
            scopes = _of_stream(connection, projection, tenant, seq, stream)
        else:
            scopes = _of_tenant(connection, projection, tenant, seq)
    held: dict[str, list[Row]] = {table.table: [] for table in projection.tables}
    for rows in scopes:
        for table, found in rows.held.items():
            held[table.table] += found.values()
    texts = {name: tables.to_json(rows) for name, rows in held.items()}
    return Past(texts, sum(map(len, texts.values())))


def _configure(connection: Connection[Any]) -> None:
    connection.autocommit = True


def _of_stream(
    connection: Connection[Any], projection: Projection, tenant: str, seq: int, stream: str
) -> list[Rows]:
    cursor = connection.cursor(binary=True)
    stored: list[Stored] = cursor.execute(OF_STREAM, (tenant, stream, seq)).fetchall()
    return [projection.fold(projection.rows(), decoded(stored))]


def _of_tenant(connection: Connection[Any], projection: Projection, tenant: str, seq: int) -> list[Rows]:
    """Every scope of the tenant, folded in the log's order, a chunk of events in memory at a time."""
    scopes: dict[str, Rows] = {}
    cursor = connection.cursor(binary=True)
    after = 0
    while True:
        page = (tenant, after, seq, projection.types, CHUNK)
        stored: list[Stored] = cursor.execute(OF_TENANT, page, prepare=True).fetchall()
        for event, meta in decoded(stored):
            rows = scopes.get(meta.stream)
            if rows is None:
                rows = scopes[meta.stream] = projection.rows()
            projection.handlers[type(event)](rows, event, meta)
        if len(stored) < CHUNK:
            break
        after = stored[-1][2]
    if projection.finish:
        for rows in scopes.values():
            projection.finish(rows)
    return list(scopes.values())
