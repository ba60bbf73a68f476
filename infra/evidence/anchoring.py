"""Which checkpoints are to be anchored where, and what was anchored. The connection is the signer's.

Of each company only the newest checkpoint is sent: it vouches for all before it. How far each target is follows from
what was recorded for it, so every target has its own cursor and a failure holds up no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

FOLDER, WEBHOOK, TIMESTAMP = "folder", "webhook", "timestamp"

# One step through the index for each tenant, however many checkpoints it has.
WAITING = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM checkpoints ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT c.tenant_id FROM checkpoints c WHERE c.tenant_id > t.tenant_id ORDER BY c.tenant_id LIMIT 1)
        FROM tenants t WHERE t.tenant_id IS NOT NULL
    ), newest AS (
        SELECT t.tenant_id, c.size, c.note
        FROM tenants t CROSS JOIN LATERAL (
            SELECT size, note FROM checkpoints
            WHERE tenant_id = t.tenant_id ORDER BY size DESC, signed_at DESC LIMIT 1) c)
    SELECT n.tenant_id::text, n.size, n.note
    FROM newest n LEFT JOIN LATERAL (
        SELECT size, anchored_at FROM anchors
        WHERE tenant_id = n.tenant_id AND kind = %(kind)s AND target = %(target)s ORDER BY size DESC LIMIT 1) a ON true
    WHERE a.size IS NULL OR (n.size > a.size AND a.anchored_at <= now() - make_interval(secs => %(every)s))
    ORDER BY 1 LIMIT %(most)s
"""
WAITING_FOR_WEBHOOKS = """
    WITH hooks AS (
        SELECT DISTINCT ON (tenant_id) tenant_id, url FROM anchor_webhooks ORDER BY tenant_id, set_at DESC)
    SELECT h.tenant_id::text, c.size, c.note, h.url
    FROM hooks h CROSS JOIN LATERAL (
        SELECT size, note FROM checkpoints WHERE tenant_id = h.tenant_id ORDER BY size DESC, signed_at DESC LIMIT 1) c
    WHERE h.url IS NOT NULL AND NOT EXISTS (
        SELECT FROM anchors a
        WHERE a.tenant_id = h.tenant_id AND a.kind = 'webhook' AND a.target = h.url AND a.size >= c.size)
    ORDER BY 1
"""
# Since when the oldest checkpoint that is anchored nowhere has been signed, over all tenants.
UNANCHORED = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM checkpoints ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT c.tenant_id FROM checkpoints c WHERE c.tenant_id > t.tenant_id ORDER BY c.tenant_id LIMIT 1)
        FROM tenants t WHERE t.tenant_id IS NOT NULL)
    SELECT count(*), min(w.signed_at) FROM tenants t CROSS JOIN LATERAL (
        SELECT signed_at FROM checkpoints c
        WHERE c.tenant_id = t.tenant_id AND c.size > coalesce((
            SELECT max(size) FROM anchors a WHERE a.tenant_id = t.tenant_id), 0)
        ORDER BY c.size LIMIT 1) w
"""
ANCHORED = """
    INSERT INTO anchors (tenant_id, kind, target, size, receipt)
    SELECT tenant, %s, target, size, receipt
    FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::bytea[]) a (tenant, target, size, receipt)
    ON CONFLICT DO NOTHING
"""
MOST = 1_000
"""Checkpoints of one go."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A company's newest checkpoint, which a target does not have yet."""

    tenant: str
    size: int
    note: str
    target: str


@dataclass(frozen=True, slots=True)
class Anchored:
    """A checkpoint that arrived, and what came back."""

    waiting: Waiting
    receipt: bytes = b""


@dataclass(frozen=True, slots=True)
class Unanchored:
    """Companies with checkpoints that are anchored nowhere, and since when the oldest of these has been signed."""

    tenants: int = 0
    since: datetime | None = None


def waiting(connection: Connection[Any], kind: str, target: str, every: float = 0.0) -> list[Waiting]:
    """What a target of all companies does not have yet; of each one at most every so many seconds."""
    given = {"kind": kind, "target": target, "every": every, "most": MOST}
    return [Waiting(tenant, size, note, target) for tenant, size, note in connection.execute(WAITING, given)]


def waiting_for_webhooks(connection: Connection[Any]) -> list[Waiting]:
    """What companies' own addresses do not have yet."""
    return [Waiting(*row) for row in connection.execute(WAITING_FOR_WEBHOOKS)]


def record(connection: Connection[Any], kind: str, arrived: Sequence[Anchored]) -> None:
    """Put on record what arrived."""
    if arrived:
        rows = [(one.waiting.tenant, one.waiting.target, one.waiting.size, one.receipt) for one in arrived]
        connection.execute(ANCHORED, (kind, *(list(column) for column in zip(*rows, strict=True))))


def unanchored(connection: Connection[Any]) -> Unanchored:
    """What could still be rewritten by who holds the key."""
    return Unanchored(*(connection.execute(UNANCHORED).fetchone() or ()))
