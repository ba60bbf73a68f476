"""The exporter: makes the exports that companies ask for, one after the other, and removes them when they are over.

Any number of processes may run it: a job is taken for a while, and whoever took it last may finish it. What became of
an export is decided by its company's log; a process of its own makes each, so that nothing else waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from psycopg import AsyncConnection

from commands.exports import ExpireExport, FailExport, FinishExport
from commands.service import CommandService
from commands.tenants import TenantCommand
from domain.ids import TenantId
from domain.tenants.export_events import ExportMade, Failure
from domain.tenants.exporting import ErasedMeanwhile
from domain.tenants.state import Tenant
from infra.read_store import export_jobs as jobs
from infra.read_store.export_jobs import Waiting
from infra.roles import ROLES, as_role
from infra.settings import Settings, exports_folder_of
from services.api.deps import now
from services.exports.ordering import by_exporter, order_of
from services.exports.orders import Done, Failed
from services.exports.running import Running, running
from services.exports.store import Store
from services.exports.tally import Tally
from services.exports.tidying import tidy
from services.going_on import going_on

LOOK_EVERY = 1.0
TIDY_EVERY = 60.0
LEASE = 30.0
"""Seconds that a job is one's own without a sign of life."""
SIGN_EVERY = 0.5
"""Seconds between signs of life; so soon it hears that an export is not wanted any more."""
AGAIN_AFTER = 2.0
"""Seconds until a job is begun anew whose process ended without a word."""
MOST_TRIES = 10
AT_ONCE = 500

log = structlog.get_logger("exporter")


class Exporter:
    """Makes exports until it is stopped."""

    def __init__(
        self,
        dsn: str,
        settings: Settings,
        commands: CommandService,
        clock: Callable[[], datetime] = now,
        lease: float = LEASE,
    ) -> None:
        self._dsn = dsn
        self._commands = commands
        self._clock = clock
        self._lease = lease
        self._lasts = timedelta(days=settings.export_days)
        self._patience = timedelta(seconds=2 * settings.checkpoint_seconds + 30)
        self._looked: float | None = None
        self._tidied: float | None = None
        self.store = Store(exports_folder_of(settings))
        self.did = Tally()
        self.running: Running | None = None

    @property
    def idle_seconds(self) -> float | None:
        """How long ago it last went through all that waits; None before the first time."""
        return None if self._looked is None else monotonic() - self._looked

    async def run(self) -> None:
        """Look, make, sleep; a database that is away is waited for. Ends by being cancelled."""
        while True:
            try:
                async with exporters_connection(self._dsn) as connection:
                    while True:
                        await self.once(connection)
                        await asyncio.sleep(LOOK_EVERY)
            except Exception as error:  # whatever it is, it is logged, counted and tried again
                self.did.failures += 1
                log.error("exporter failed; trying again", exc_info=error)  # noqa: TRY400  # no trace needed
                await asyncio.sleep(LOOK_EVERY)

    async def once(self, connection: AsyncConnection[Any]) -> None:
        """End what is over, remove what lies about, and make what waits, looking anew after each."""
        while True:
            await self._end(connection)
            if not await self._make_one(connection):
                break
        self._looked = monotonic()

    async def _end(self, connection: AsyncConnection[Any]) -> None:
        over = await jobs.over(connection, self._clock(), AT_ONCE)
        for tenant, export in over:
            self.did.expired += await self._say(tenant, ExpireExport(export))
        await self._tidy(connection, {tenant for tenant, _ in over})
        if self._tidied is None or monotonic() - self._tidied > TIDY_EVERY:
            await self._tidy(connection)
            await jobs.forget(connection)
            self._tidied = monotonic()

    async def _make_one(self, connection: AsyncConnection[Any]) -> bool:
        """The first of those that wait; false when there is none that can be taken."""
        for job in await jobs.waiting(connection, AT_ONCE):
            if await self._take(connection, job):
                return True
        return False

    async def _take(self, connection: AsyncConnection[Any], job: Waiting) -> bool:
        """Make one, unless somebody else is at it, or the checkpoint that covers it is about to be signed."""
        if (job.signed or 0) < job.seq and self._clock() - job.asked_at < self._patience:
            return False
        lease = await jobs.take(connection, job.tenant, job.export, self._lease)
        if lease is None:
            return False
        tenant = await self._tenant(job)
        found = tenant.exports.open.get(job.export)
        if found is None or found.sha256 is not None:
            return True  # as read models will show
        if job.signed is None or lease.epoch > MOST_TRIES:
            await self._fail(job, "no_checkpoint" if job.signed is None else "interrupted")
        else:
            await self._make(connection, job, lease.epoch, lease.size or job.signed, tenant)
        return True

    async def _make(
        self, connection: AsyncConnection[Any], job: Waiting, epoch: int, size: int, tenant: Tenant
    ) -> None:
        began = monotonic()
        order = order_of(self._dsn, self.store, job, epoch, size, tenant)
        if not await jobs.keep(connection, job, epoch, self._lease, size=size):
            return
        async with running(order) as process:
            self.running = process
            try:
                wanted = await self._watch(connection, job, epoch, process)
            finally:
                self.running = None
            came_to = process.came_to if wanted else None
        if came_to is None and wanted:
            self.did.failures += 1
            log.warning("export interrupted; trying again", tenant=job.tenant, export=job.export, tries=epoch)
            await jobs.keep(connection, job, epoch, AGAIN_AFTER, size=size)
        elif isinstance(came_to, Failed):
            await self._fail(job, came_to.code)
        elif came_to is not None:
            await self._finish(connection, job, epoch, came_to, tenant.exports.erasures)
            self.did.seconds += monotonic() - began
        await asyncio.to_thread(self.store.clear, order.bundle, order.part)
        await self._tidy(connection, {job.tenant})

    async def _watch(self, connection: AsyncConnection[Any], job: Waiting, epoch: int, process: Running) -> bool:
        """Give signs of life until it has ended; False when it is somebody else's now, or not wanted any more."""
        ended = False
        while True:
            far = (process.far.done, process.far.total)
            still = await jobs.keep(connection, job, epoch, self._lease, far)
            if not still:
                log.info("export dropped", tenant=job.tenant, export=job.export, lost=still is None)
                self.did.cancelled += still is False
                return False
            if ended:
                return True
            ended = await process.ended(SIGN_EVERY)

    async def _finish(
        self, connection: AsyncConnection[Any], job: Waiting, epoch: int, done: Done, erasures: int
    ) -> None:
        ends = self._clock() + self._lasts
        span = done.events, done.first, done.last
        made = ExportMade(job.export, done.sha256, done.bytes, *span, done.size, done.root, ends)
        try:
            said = await self._say(job.tenant, FinishExport(made, erasures))
        except ErasedMeanwhile:
            await jobs.keep(connection, job, epoch, 0.0)
            return
        if said:
            self.did.made += 1
            self.did.bytes += done.bytes
            self.did.events += done.events
            log.info("export made", tenant=job.tenant, export=job.export, events=done.events, bytes=done.bytes)

    async def _fail(self, job: Waiting, code: Failure) -> None:
        if await self._say(job.tenant, FailExport(job.export, code)):
            self.did.failed += 1
            log.error("export failed", tenant=job.tenant, export=job.export, because=code)

    async def _say(self, tenant: str, command: TenantCommand) -> bool:
        """Carry a command of the exporter's out; whether it changed anything."""
        receipt = await self._commands.execute(by_exporter(tenant, self._clock()), command)
        return receipt.events > 0

    async def _tenant(self, job: Waiting) -> Tenant:
        return await self._commands.tenant(TenantId(job.tenant), max_age=0.0)

    async def _tidy(self, connection: AsyncConnection[Any], tenants: Collection[str] | None = None) -> None:
        if tenants is None or tenants:
            await tidy(connection, self.store, self._commands, self._clock(), tenants)


@asynccontextmanager
async def exporters_connection(dsn: str) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection of the role that sees exports of all companies."""
    async with await AsyncConnection.connect(as_role(dsn, ROLES.projector), autocommit=True) as connection:
        yield connection


@asynccontextmanager
async def exporting(dsn: str, settings: Settings, commands: CommandService) -> AsyncIterator[Exporter]:
    """An exporter, for as long as the block runs."""
    exporter = Exporter(dsn, settings, commands)
    async with going_on(exporter.run(), "exporter"):
        yield exporter
