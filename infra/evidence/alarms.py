"""Alarms about evidence: raised once, open until somebody closes them with a reason. The connection is the signer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from infra.evidence.rehashing import Fault

LOG_ALTERED = "log_altered"
LOG_NOT_SIGNED = "log_not_signed"
ANCHOR_FAILED = "anchor_failed"
ANCHOR_DIFFERS = "anchor_differs"
KEY_LOST = "key_lost"
KEY_KEPT = "key_kept"

# Of one kind a tenant has one open alarm at most.
RAISE = """
    INSERT INTO alarms (tenant_id, kind, seq, what)
    SELECT f.tenant, %s, f.seq, f.what FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) f (tenant, seq, what)
    WHERE NOT EXISTS (
        SELECT FROM alarms a WHERE a.tenant_id = f.tenant AND a.kind = %s AND NOT EXISTS (
            SELECT FROM alarm_closings c WHERE c.tenant_id = a.tenant_id AND c.alarm_id = a.alarm_id))
"""
ALARMS = """
    SELECT a.tenant_id::text, a.alarm_id::text, a.kind, a.raised_at, a.seq, a.what, c.closed_at, c.closed_by, c.reason
    FROM alarms a LEFT JOIN alarm_closings c USING (tenant_id, alarm_id)
    WHERE %s OR c.closed_at IS NULL ORDER BY a.raised_at, a.alarm_id
"""
CLOSE = """
    INSERT INTO alarm_closings (tenant_id, alarm_id, closed_by, reason)
    SELECT tenant_id, alarm_id, %s, %s FROM alarms WHERE alarm_id = %s ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody has to look after; the last three are None while nobody has."""

    tenant: str
    id: str
    kind: str
    raised_at: datetime
    seq: int
    what: str
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None


def raise_alarms(connection: Connection[Any], kind: str, faults: Sequence[Fault]) -> int:
    """Raise one for each tenant that has none of this kind open; how many."""
    first = {fault.tenant: fault for fault in reversed(faults)}
    columns = ([*first], [one.seq for one in first.values()], [one.what for one in first.values()])
    return connection.execute(RAISE, (kind, *columns, kind)).rowcount if first else 0


def alarms(connection: Connection[Any], *, closed: bool = False) -> list[Alarm]:
    """Those that are open, by time; also the closed ones when they are asked for."""
    return [Alarm(*row) for row in connection.execute(ALARMS, (closed,))]


def close_alarm(connection: Connection[Any], alarm: str, by: str, reason: str) -> bool:
    """Close an open one; False when there is none of that id."""
    return connection.execute(CLOSE, (by, reason, alarm)).rowcount == 1
