"""The running program: the API, the console, the projector, the scheduler and the exporter, together or alone."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from fastapi import FastAPI

from infra.oidc.configuration import Configuration
from infra.oidc.keys import IssuerKeys
from infra.oidc.tokens import Tokens
from infra.read_store.access_log import AccessLog
from infra.read_store.deadlines import Late, late
from infra.read_store.export_jobs import Backlog, backlog
from infra.read_store.leading import LEAD_SECONDS
from infra.read_store.news import News
from infra.read_store.standing import Standing, standing
from infra.read_store.waiting import Positions
from infra.settings import Settings, exports_folder_of
from projections.catalogue import PROJECTIONS
from services.api.app import create_app
from services.api.deps import Deps
from services.api.deps import Settings as ApiSettings
from services.bootstrap import Connections, ReadSide, WriteSide, read_side, write_side
from services.console.deps import Deps as ConsoleDeps
from services.console.links import Links
from services.console.routes import console_router
from services.exporter import Exporter, exporting
from services.exports.store import Store
from services.exports.tally import Tally
from services.feeding.feeds import Feeds
from services.feeding.limits import Limits
from services.guarding import check_routes
from services.projector import Projector
from services.scheduler import Scheduler, scheduling
from services.signing import Signs


@dataclass(frozen=True)
class Program:
    """What runs in one process; `links` lets people into the console."""

    app: FastAPI
    write: WriteSide
    read: ReadSide
    links: Links
    feeds: Feeds
    deps: Deps


@dataclass(frozen=True, slots=True)
class Parts:
    """What else runs in the process, beside the API and the console."""

    scheduler: bool = False
    exporter: bool = False


@asynccontextmanager
async def program(
    dsn: str,
    settings: Settings,
    projector: Projector | None = None,
    signs: Signs | None = None,
    parts: Parts | None = None,
    *,
    with_nothing: bool = False,
    limits: Limits | None = None,
) -> AsyncIterator[Program]:
    """The API, the console and some parts on a prepared database; readiness knows of this process's projector.

    `limits` are those of feeds.
    """
    parts = parts or Parts()
    async with AsyncExitStack() as stack:
        write = await stack.enter_async_context(write_side(dsn))
        read = await stack.enter_async_context(read_side(dsn, settings.pool_size))
        scheduler = await stack.enter_async_context(scheduling(dsn, write.commands)) if parts.scheduler else None
        schedule = Schedule(scheduler, read)
        making = exporting(dsn, settings, write.commands) if parts.exporter else nullcontext()
        exports = Exports(await stack.enter_async_context(making), read)
        access = AccessLog(write.connections)
        stack.push_async_callback(access.settled)
        tokens = await stack.enter_async_context(tokens_of(settings))
        deps = _deps(write, read, settings, Following(projector, read.positions, read.of_all_tenants), schedule)
        feeds = Feeds(News(read.of_all_tenants, read.connections, read.positions), read.ask, limits)
        stack.push_async_callback(feeds.stop)
        deps = replace(deps, access=access, tokens=tokens, signing=signs, feeds=feeds)
        deps = replace(deps, exporting=exports, exports=Store(exports_folder_of(settings)))
        app = create_app(deps, with_nothing=with_nothing)
        links = Links(write.connections)
        streams, evidence = write.reader.read, read.evidence
        console = ConsoleDeps(read.ask, write.commands, deps.clock, links, streams, access, feeds, evidence)
        app.include_router(console_router(console))
        check_routes(app)
        yield Program(app, write, read, links, feeds, deps)


@asynccontextmanager
async def tokens_of(settings: Settings) -> AsyncIterator[Tokens | None]:
    """What reads the tokens of the configured issuer; None when there is none."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        yield None
        return
    configuration = Configuration(
        settings.oidc_issuer,
        settings.oidc_audience,
        settings.oidc_algorithms,
        settings.oidc_skew,
        settings.oidc_tenant_claim,
        settings.oidc_email_claim,
        settings.oidc_link_by_email,
    )
    keys = IssuerKeys(configuration.issuer)
    try:
        yield Tokens(configuration, keys)
    finally:
        await keys.stop()


@contextmanager
def projecting(dsn: str, lead_seconds: float = LEAD_SECONDS) -> Iterator[Projector]:
    """The projector, for as long as the block runs."""
    with Projector(dsn, PROJECTIONS, lead_seconds=lead_seconds) as projector:
        yield projector


async def schedule_alone(dsn: str, ready: Callable[[], None]) -> None:
    """The scheduler without the rest, until a signal says stop."""
    async with write_side(dsn) as write, scheduling(dsn, write.commands):
        await _until_stopped(ready)


async def export_alone(dsn: str, settings: Settings, ready: Callable[[], None]) -> None:
    """The exporter without the rest, until a signal says stop."""
    async with write_side(dsn) as write, exporting(dsn, settings, write.commands):
        await _until_stopped(ready)


async def _until_stopped(ready: Callable[[], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ready()
    await stop.wait()


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the scheduler of this process fares, when it has one, and what waits for those of all processes."""

    scheduler: Scheduler | None
    read: ReadSide

    @property
    def carried_out(self) -> int:
        """How many deadlines this process's scheduler carried out."""
        return self.scheduler.carried_out if self.scheduler else 0

    @property
    def failures(self) -> int:
        """How often this process's scheduler has failed."""
        return self.scheduler.failures if self.scheduler else 0

    @property
    def idle_seconds(self) -> float | None:
        """How long ago this process's scheduler last went through all that was due."""
        return self.scheduler.idle_seconds if self.scheduler else None

    async def late(self) -> Late:
        """What is due and waits, whatever process is to do it."""
        return await late(self.read.of_all_tenants)


@dataclass(frozen=True, slots=True)
class Exports:
    """How the exporter of this process fares, when it has one, and what waits for those of all processes."""

    exporter: Exporter | None
    read: ReadSide

    @property
    def did(self) -> Tally | None:
        """What this process's exporter did."""
        return self.exporter.did if self.exporter else None

    @property
    def idle_seconds(self) -> float | None:
        """How long ago this process's exporter last went through all that waits."""
        return self.exporter.idle_seconds if self.exporter else None

    async def backlog(self) -> Backlog:
        """What waits, whatever process is to make it."""
        return await backlog(self.read.of_all_tenants)


@dataclass(frozen=True, slots=True)
class Following:
    """How the projector of this process fares, when it has one, and how far those of all processes are."""

    projector: Projector | None
    positions: Positions
    of_all_tenants: Connections | None = None

    @property
    def events(self) -> int:
        """How many events this process's projector has read."""
        return self.projector.events if self.projector else 0

    @property
    def failures(self) -> int:
        """How often this process's projector has failed."""
        return self.projector.failures if self.projector else 0

    @property
    def trouble(self) -> str | None:
        """What keeps this process's projector from moving, as a word."""
        return self.projector.trouble if self.projector else None

    async def standstill(self) -> Mapping[str, float]:
        """For how many seconds projections have left the next event lie."""
        return await self.positions.standstill()

    async def standing(self) -> Standing:
        """Partitions, their leaders, and the streams of all companies that wait."""
        return await standing(self.of_all_tenants) if self.of_all_tenants else Standing()


def _deps(write: WriteSide, read: ReadSide, settings: Settings, following: Following, schedule: Schedule) -> Deps:
    async def positions() -> Mapping[str, int]:
        return {"log": await read.positions.head(), **await read.positions.now()}

    return Deps(
        commands=write.commands,
        ask=read.ask,
        streams=write.reader.read,
        wait_for=read.positions.wait_for,
        positions=positions,
        writer=write.writer,
        following=following,
        schedule=schedule,
        evidence=read.evidence,
        settings=ApiSettings(most_body=settings.body_limit, operator_token=settings.operator_token),
    )
