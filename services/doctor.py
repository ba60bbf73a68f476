"""Looking for what is wrong: the log's order and hashes, the read models' lag, the database's settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from infra.read_store.live import connect
from projections.catalogue import PROJECTIONS

HOLES = """
    SELECT (SELECT count(*) FROM events) AS events, coalesce(max(position), 0) AS head FROM events
"""
TENANT_HOLES = """
    SELECT count(*) FROM (
        SELECT tenant_id FROM events GROUP BY tenant_id HAVING count(*) <> max(tenant_seq) OR min(tenant_seq) <> 1) t
"""
BROKEN = """
    SELECT min(position), count(*) FROM events
    WHERE leaf_hash <> sha256('\\x00'::bytea || log_leaf(body, recorded_at, tenant_seq, tenant_id))
"""
BACKWARDS = """
    SELECT count(*) FROM (
        SELECT recorded_at < lag(recorded_at) OVER (ORDER BY position) AS back FROM events) t WHERE back
"""
LEDGER = """
    SELECT count(*) FROM commands c LEFT JOIN events e ON e.position = c.last_position WHERE e.position IS NULL
"""
LAG = """
    SELECT p.name, p.version, (SELECT coalesce(max(position), 0) FROM events) - p.position
    FROM projections p WHERE p.name NOT LIKE '%\\_\\_%' ORDER BY p.name
"""
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and whether it is as it should be."""

    well: bool
    text: str


def examine(dsn: str) -> list[Finding]:
    """Look at everything; reads the whole log once."""
    looks: tuple[Callable[[Connection[Any]], list[Finding]], ...] = (_settings, _order, _hashes, _ledger, _read_models)
    with connect(dsn) as connection:
        return [finding for look in looks for finding in look(connection)]


def _settings(connection: Connection[Any]) -> list[Finding]:
    found = [(name, _one(connection, f"SELECT current_setting('{name}')")[0]) for name in SETTINGS]
    return [Finding(value == "on", f"{name} is {value}") for name, value in found]


def _order(connection: Connection[Any]) -> list[Finding]:
    events, head = _one(connection, HOLES)
    tenants = _one(connection, TENANT_HOLES)[0]
    back = _one(connection, BACKWARDS)[0]
    return [
        Finding(events == head, f"the log holds {events:,} events up to position {head:,}"),
        Finding(tenants == 0, f"{tenants} tenants have a gap in their sequence"),
        Finding(back == 0, f"{back} times go backwards"),
    ]


def _hashes(connection: Connection[Any]) -> list[Finding]:
    first, broken = _one(connection, BROKEN)
    where = f", the first at position {first}" if broken else ""
    return [Finding(broken == 0, f"{broken} events do not fit their hash{where}")]


def _ledger(connection: Connection[Any]) -> list[Finding]:
    lost = _one(connection, LEDGER)[0]
    return [Finding(lost == 0, f"{lost} commands of the ledger name an event that is not in the log")]


def _read_models(connection: Connection[Any]) -> list[Finding]:
    versions = {projection.name: projection.version for projection in PROJECTIONS}
    return [
        Finding(versions.get(name) == version, f"read model {name} is of version {version}, {lag:,} events behind")
        for name, version, lag in connection.execute(LAG).fetchall()
    ]


def _one(connection: Connection[Any], sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    return row or ()
