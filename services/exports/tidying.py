"""Taking away what lies about: exports that are over, and what somebody left half made."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from psycopg import AsyncConnection

from commands.service import CommandService
from domain.ids import TenantId
from domain.tenants.exporting import is_over
from domain.tenants.exports import Export
from infra.read_store.export_jobs import leased
from services.exports.store import Kept, Store, remove


async def tidy(
    connection: AsyncConnection[Any],
    store: Store,
    commands: CommandService,
    at: datetime,
    tenants: Collection[str] | None = None,
) -> None:
    """Remove all that is neither an archive that the log names nor being made; of some companies, or of all.

    Files are looked for and removed in a thread: others wait for nothing that a disk does.
    """
    lying = [one for one in await asyncio.to_thread(store.everything) if tenants is None or one.tenant in tenants]
    for tenant, of_tenant in groupby(lying, attrgetter("tenant")):
        # In this order: what is finished meanwhile was leased before.
        busy = await leased(connection, tenant)
        known = (await commands.tenant(TenantId(tenant), max_age=0.0)).exports.open
        unwanted = [one.path for one in of_tenant if not _is_wanted(one, store, known, busy, at)]
        await asyncio.to_thread(remove, *unwanted)


def _is_wanted(kept: Kept, store: Store, known: Mapping[str, Export], busy: Collection[str], at: datetime) -> bool:
    found = known.get(kept.export)
    if found is None:
        return False
    if found.sha256 is None:
        return kept.export in busy
    return kept.path == store.path(kept.tenant, kept.export, found.sha256) and not is_over(found, at)
