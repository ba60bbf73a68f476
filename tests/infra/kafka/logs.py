"""Logs of several tenants, small and quick to make."""

from collections.abc import Sequence
from datetime import date

from commands.catalogue import Command
from commands.request import Request
from commands.runs import Comment, StartRun
from domain.ids import CommandId, RunId, TenantId
from infra.ids import uuid7
from services.bootstrap import WriteSide, write_side
from tests.commands.desks import settle
from tests.people import AIKO, JOINING_DAY, MONDAY, PROCEDURE


def some_tenants(count: int) -> list[TenantId]:
    """Ids of so many companies."""
    return [TenantId(uuid7()) for _ in range(count)]


async def founded(dsn: str, tenants: Sequence[TenantId]) -> None:
    """Each tenant has its people and a procedure."""
    async with write_side(dsn) as side:
        for tenant in tenants:
            await settle(side, tenant)


async def worked(dsn: str, tenants: Sequence[TenantId], runs: int = 3, text: str = "よし") -> int:
    """Each tenant in turn starts a run and comments on it, so many times; the log's last position."""
    position = 0
    async with write_side(dsn) as side:
        for _ in range(runs):
            for tenant in tenants:
                run = RunId(uuid7())
                await _do(side, tenant, StartRun(run, PROCEDURE, "新人", {JOINING_DAY: date(2026, 5, 1)}))
                position = await _do(side, tenant, Comment(run, None, text))
    return position


async def _do(side: WriteSide, tenant: TenantId, command: Command) -> int:
    request = Request(tenant=tenant, command=CommandId(uuid7()), at=MONDAY, actor=AIKO)
    return (await side.commands.execute(request, command)).position


async def some_log(dsn: str) -> tuple[Sequence[TenantId], int]:
    """Some companies at work; they, and the last position."""
    tenants = some_tenants(4)
    await founded(dsn, tenants)
    return tenants, await worked(dsn, tenants)
