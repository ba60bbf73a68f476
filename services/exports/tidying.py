"""Taking away what lies about: exports that are over, and what somebody left half made."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from commands.service import CommandService
from domain.ids import TenantId
from domain.tenants.exporting import is_over
from infra.read_store.export_jobs import is_leased
from services.exports.store import Kept, Store, remove


async def tidy(
    connection: AsyncConnection[Any],
    store: Store,
    commands: CommandService,
    at: datetime,
    tenant: str | None = None,
) -> None:
    """Remove all that is neither an archive that the log names nor being made; of one company, or of all."""
    for kept in [one for one in store.everything() if tenant in (None, one.tenant)]:
        if not await _is_wanted(connection, store, commands, at, kept):
            remove(kept.path)


async def _is_wanted(
    connection: AsyncConnection[Any], store: Store, commands: CommandService, at: datetime, kept: Kept
) -> bool:
    # In this order: what is finished meanwhile was leased before.
    leased = await is_leased(connection, kept.tenant, kept.export)
    found = (await commands.tenant(TenantId(kept.tenant), max_age=0.0)).exports.open.get(kept.export)
    if found is None:
        return False
    if found.sha256 is None:
        return leased
    return kept.path == store.path(kept.tenant, kept.export, found.sha256) and not is_over(found, at)
