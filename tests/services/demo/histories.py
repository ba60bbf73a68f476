"""Histories to look at: generated into a database, and read from its log."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from domain.ids import TenantId
from domain.runs import state as runs
from domain.runs.state import Run
from infra.event_store.codec import decode
from infra.keys.opening import Opening
from services.bootstrap import write_side
from services.demo.companies import CompanyPlan
from services.demo.generator import Demo, generate

END = datetime(2025, 11, 28, 6, 0, tzinfo=UTC)
LOG = "SELECT position, tenant_id::text, stream_id::text, version, recorded_at, body FROM events ORDER BY position"


class Stored(NamedTuple):
    position: int
    tenant: str
    stream: str
    version: int
    at: datetime
    body: bytes
    event: Any


def lived(dsn: str, seed: int, days: int, companies: Iterable[CompanyPlan]) -> Demo:
    async def live() -> Demo:
        async with write_side(dsn) as write:
            return await generate(
                write, seed=seed, start=END - timedelta(days=days), end=END, companies=list(companies)
            )

    return asyncio.run(live())


def log_of(dsn: str) -> list[Stored]:
    with psycopg.connect(dsn) as connection:
        pairs = [(row, *decode(row[0], TenantId(row[1]), 0, row[4], row[5])) for row in connection.execute(LOG)]
        Opening(connection)([(event, meta) for _, event, meta in pairs])
    return [Stored._make((*row, event)) for row, event, _ in pairs]


def runs_of(log: Iterable[Stored]) -> dict[str, Run]:
    streams = defaultdict(list)
    for stored in log:
        event = stored.event
        if event.type.startswith("run."):
            streams[stored.stream].append(event)
    return {stream: runs.fold(events) for stream, events in streams.items()}
