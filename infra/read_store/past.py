"""Read models as they were: a tenant's events up to a sequence, folded in memory."""

from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from infra.idle import check
from infra.keys.opening import Open, OpeningPast
from infra.read_store import parking, tables
from infra.read_store.folding import STORED, Pair, Stored, decoded, uncollected
from infra.read_store.refused import can_be_written, is_refusal
from infra.roles import ROLES, as_role
from infra.tenancy import ENTER
from projections.engine import Projection, Row, Rows
from projections.tallying import Sums

CHUNK = 4_000

OF_TENANT = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND tenant_seq > %s AND tenant_seq <= %s AND type = ANY (%s)
    ORDER BY tenant_seq
"""
OF_STREAM = f"""
    SELECT {STORED} FROM events
    WHERE tenant_id = %s AND stream_id = %s AND tenant_seq <= %s ORDER BY version
"""


class PastUnfoldable(Exception):
    """This program cannot fold an event of that past, or store what it makes; `seq` is the company's, if known."""

    def __init__(self, projection: str, seq: int | None) -> None:
        event = "every event up to then" if seq is None else f"the company's event {seq}"
        super().__init__(f"expected {projection!r} to hold {event}, but this program cannot fold it")
        self.projection = projection
        self.seq = seq


@dataclass(frozen=True)
class Past:
    """The rows of a projection's tables as JSON arrays, by table, and how many bytes they are."""

    rows: dict[str, str]
    size: int


def past_connections(dsn: str, size: int = 2) -> ConnectionPool[Connection[Any]]:
    """Connections for folding the past, each used by one thread at a time; open it before use."""
    dsn = as_role(dsn, ROLES.reader)
    return ConnectionPool(dsn, min_size=1, max_size=size, open=False, configure=_configure, check=check)


def fold_past(
    connections: ConnectionPool[Connection[Any]],
    projection: Projection,
    tenant: str,
    seq: int,
    stream: str | None,
    wanted: Container[str],
) -> Past:
    """Fold a tenant's events, or one stream's, up to and including a sequence; the rows of the tables wanted.

    Raises PastUnfoldable.
    """
    with uncollected(), connections.connection() as connection, connection.transaction():
        connection.execute(ENTER, (tenant,))
        if stream:
            scopes = _of_stream(connection, projection, tenant, seq, stream)
        else:
            scopes = _of_tenant(connection, projection, tenant, seq)
    tallied = _tallied(scopes) if any(t.table in wanted for t in projection.tallies) else {}
    of: dict[type[Row], Sequence[Row]] = {
        **{t: [row for rows in scopes for row in rows.all(t)] for t in projection.held if t.table in wanted},
        **{t: tallied.get(t, ()) for t in projection.tallies if t.table in wanted},
    }
    texts = {table.table: tables.to_json(rows) for table, rows in of.items()}
    return Past(texts, sum(map(len, texts.values())))


def _tallied(scopes: list[Rows]) -> Mapping[type[Row], list[Row]]:
    sums = Sums()
    for rows in scopes:
        sums.add(rows.sums)
    return sums.rows()


def _configure(connection: Connection[Any]) -> None:
    connection.autocommit = True


def _of_stream(
    connection: Connection[Any], projection: Projection, tenant: str, seq: int, stream: str
) -> list[Rows]:
    cursor = connection.cursor(binary=True)
    stored: list[Stored] = cursor.execute(OF_STREAM, (tenant, stream, seq)).fetchall()
    pairs = _decoded(connection, projection, stored, OpeningPast(connection))
    try:
        return [projection.fold(projection.rows(), pairs)]
    except Exception as error:
        if not is_refusal(error):
            raise
        _, poisons = parking.fold_each(projection, pairs, lambda _: projection.rows(), can_be_written)
        raise PastUnfoldable(projection.name, poisons[0].seq if poisons else None) from error


def _of_tenant(connection: Connection[Any], projection: Projection, tenant: str, seq: int) -> list[Rows]:
    """Every scope of the tenant, folded in the log's order, a chunk of events in memory at a time."""
    scopes: dict[str, Rows] = {}
    open_sealed = OpeningPast(connection)
    for stored in _chunks(connection, projection, tenant, seq):
        for event, meta in _decoded(connection, projection, stored, open_sealed):
            rows = scopes.get(meta.stream)
            if rows is None:
                rows = scopes[meta.stream] = projection.rows()
            try:
                projection.handlers[type(event)](rows, event, meta)
            except Exception as error:
                if not is_refusal(error):
                    raise
                raise PastUnfoldable(projection.name, meta.seq) from error
    for stream, rows in scopes.items():
        _end(connection, projection, rows, tenant, seq, stream)
    return list(scopes.values())


def _end(connection: Connection[Any], projection: Projection, rows: Rows, tenant: str, seq: int, stream: str) -> None:
    try:
        projection.end(rows)
    except Exception as error:
        if not is_refusal(error):
            raise
        _of_stream(connection, projection, tenant, seq, stream)  # which says where
        raise PastUnfoldable(projection.name, None) from error


def _decoded(
    connection: Connection[Any], projection: Projection, stored: Sequence[Stored], open_sealed: Open
) -> list[Pair]:
    try:
        return decoded(stored, open_sealed)
    except Exception as error:
        if not is_refusal(error):
            raise
        _, poisons = parking.decode_each(connection, stored, open_sealed)
        if not poisons:
            raise
        raise PastUnfoldable(projection.name, poisons[0].seq) from error


def _chunks(connection: Connection[Any], projection: Projection, tenant: str, seq: int) -> Iterator[list[Stored]]:
    """The tenant's events that the projection folds, in order; the next are read while the last are folded."""
    cursor = connection.cursor(binary=True)

    def read(after: int) -> list[Stored]:
        page = (tenant, after, min(after + CHUNK, seq), projection.types)
        return cursor.execute(OF_TENANT, page, prepare=True).fetchall()

    with ThreadPoolExecutor(1, thread_name_prefix="past") as reading:
        ahead = reading.submit(read, 0)
        for after in range(CHUNK, seq, CHUNK):
            stored = ahead.result()
            ahead = reading.submit(read, after)
            yield stored
        yield ahead.result()
