"""Exports of all companies that wait, are made or are over: the exporter's, and no customer's.

What an export is, and what became of it, is in the log; here is only who is at it, until when, and how far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

# Waiting, and nobody is at it: the first of each company, then the second of each, the longest waiting first.
WAITING = """
    SELECT e.tenant_id::text AS tenant, e.export_id::text AS export, e.seq, e.asked_at, e.asked_by::text AS asked_by,
           string_to_array(e.formats, ',') AS formats, e.since, e.until, e.procedure_id::text AS procedure,
           e.run_id::text AS run, e.lang, e.with_personal AS personal,
           (SELECT max(c.size) FROM public.checkpoints c WHERE c.tenant_id = e.tenant_id) AS signed
    FROM exports.export e
    LEFT JOIN public.export_jobs j ON j.tenant_id = e.tenant_id AND j.export_id = e.export_id
    WHERE e.status = 'asked' AND (j.leased_until IS NULL OR j.leased_until < clock_timestamp())
    ORDER BY row_number() OVER (PARTITION BY e.tenant_id ORDER BY e.seq), e.asked_at, e.tenant_id LIMIT %(limit)s
"""
TAKE = """
    INSERT INTO public.export_jobs AS j (tenant_id, export_id, leased_until)
    VALUES (%(tenant)s, %(export)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (tenant_id, export_id) DO UPDATE
    SET epoch = j.epoch + 1, leased_until = EXCLUDED.leased_until, done = 0, total = 0
    WHERE j.leased_until < clock_timestamp()
    RETURNING j.epoch, j.size
"""
# What whoever took it last may do, and nobody else. `wanted` is false once it was cancelled.
KEEP = """
    UPDATE public.export_jobs j
    SET leased_until = clock_timestamp() + make_interval(secs => %(seconds)s),
        done = %(done)s, total = %(total)s, size = coalesce(j.size, %(size)s)
    WHERE j.tenant_id = %(tenant)s AND j.export_id = %(export)s AND j.epoch = %(epoch)s
    RETURNING coalesce((
        SELECT e.status = 'asked' FROM exports.export e
        WHERE e.tenant_id = %(tenant)s AND e.export_id = %(export)s), false)
"""
# What does not wait, so long after its lease that nobody can still be at it who would take a new row for their own.
GONE = """
    DELETE FROM public.export_jobs j
    WHERE j.leased_until < clock_timestamp() - interval '1 hour' AND NOT EXISTS (
        SELECT FROM exports.export e
        WHERE e.tenant_id = j.tenant_id AND e.export_id = j.export_id AND e.status = 'asked')
"""
LEASED = """
    SELECT export_id::text FROM public.export_jobs
    WHERE tenant_id = %(tenant)s AND leased_until > clock_timestamp()
"""
OVER = """
    SELECT tenant_id::text AS tenant, export_id::text AS export FROM exports.export
    WHERE status = 'made' AND expires_at <= %(now)s ORDER BY expires_at, tenant_id, seq LIMIT %(limit)s
"""
BACKLOG = """
    SELECT count(*)::int, coalesce(extract(epoch FROM clock_timestamp() - min(asked_at)), 0)::float8
    FROM exports.export WHERE status = 'asked'
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody asked for, and nobody makes yet; `signed` is the size of the company's newest checkpoint."""

    tenant: str
    export: str
    seq: int
    asked_at: datetime
    asked_by: str
    formats: Sequence[str]
    since: datetime | None
    until: datetime | None
    procedure: str | None
    run: str | None
    lang: str
    personal: bool
    signed: int | None


class Lease(NamedTuple):
    """Which taking of the job this is, and the checkpoint that an earlier one chose."""

    epoch: int
    size: int | None


class Backlog(NamedTuple):
    """Exports of all companies that are not made, and for how many seconds the first of them has waited."""

    waiting: int
    seconds: float


Connection = AsyncConnection[Any]


async def waiting(connection: Connection, limit: int) -> list[Waiting]:
    """At most `limit` that nobody is at."""
    async with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return await (await cursor.execute(WAITING, {"limit": limit})).fetchall()


async def take(connection: Connection, tenant: str, export: str, seconds: float) -> Lease | None:
    """Take a job for so long; None when somebody else is at it."""
    given = {"tenant": tenant, "export": export, "seconds": seconds}
    row = await (await connection.execute(TAKE, given)).fetchone()
    return Lease(*row) if row else None


async def keep(
    connection: Connection,
    job: Waiting,
    epoch: int,
    seconds: float,
    done: tuple[int, int] = (0, 0),
    size: int | None = None,
) -> bool | None:
    """Go on with a job for so long, and say how far it is; False when it is not wanted any more, None when it is lost.

    No seconds give it back at once.
    """
    given = {"tenant": job.tenant, "export": job.export, "epoch": epoch, "seconds": seconds, "size": size}
    given |= {"done": done[0], "total": done[1]}
    row = await (await connection.execute(KEEP, given)).fetchone()
    return row[0] if row else None


async def forget(connection: Connection) -> None:
    """Whatever is over needs no row any more."""
    await connection.execute(GONE)


async def leased(connection: Connection, tenant: str) -> frozenset[str]:
    """Exports of a company that somebody is at."""
    rows = await (await connection.execute(LEASED, {"tenant": tenant})).fetchall()
    return frozenset(export for (export,) in rows)


async def over(connection: Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """At most `limit` whose time is over: company and export."""
    rows = await (await connection.execute(OVER, {"now": now, "limit": limit})).fetchall()
    return [(tenant, export) for tenant, export in rows]


async def backlog(connections: AsyncConnectionPool[Connection]) -> Backlog:
    """What waits, whatever process is to make it."""
    async with connections.connection() as connection:
        row = await (await connection.execute(BACKLOG)).fetchone()
    return Backlog(*row) if row else Backlog(0, 0.0)
