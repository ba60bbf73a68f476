"""All feeds of a process: they share one reading of the log, which is fanned out by company.

A reader that resumes, or was overrun, reads its own past until it meets the shared reading. A company's sequences have
no gaps, so a reader that is handed an event that is not the next one knows that it has to read its past: nothing rests
on the moment at which the two meet.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import structlog

from infra.read_store.news import News, Stored
from queries.asking import Ask
from queries.who_sees import who_sees
from services.api.refusals import InTheFuture, ShuttingDown, TooManyFeeds
from services.feeding.changes import Batch
from services.feeding.limits import AWAY, Limits
from services.feeding.reader import Check, Note, Reader
from services.logs import described

log = structlog.get_logger("ashiato.feeds")


class Feeds:
    """Opens feeds, reads the log for them, and ends them. `dropped` counts ends by their codes; it only grows."""

    def __init__(self, news: News, ask: Ask, limits: Limits | None = None) -> None:
        self._news = news
        self._ask = ask
        self.limits = limits or Limits()
        self.dropped: Counter[str] = Counter()
        self._readers: defaultdict[str, set[Reader]] = defaultdict(set)
        self._through = 0
        self._told = 0
        self._reading: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._closing = False

    @property
    def open_now(self) -> int:
        """How many feeds are open."""
        return sum(map(len, self._readers.values()))

    @property
    def readers(self) -> Sequence[Reader]:
        """Those of all companies."""
        return [reader for readers in self._readers.values() for reader in readers]

    async def open(self, tenant: str, credential: str, after: int | None, check: Check, note: Note) -> Reader:
        """A feed of what follows a sequence of the company; without one, of what follows now.

        Raises TooManyFeeds, ShuttingDown, InTheFuture, and what is raised while the database is away.
        """
        self._admit(tenant, credential)
        reader = Reader(self, tenant, credential, check, note)
        self._readers[tenant].add(reader)
        try:
            await self._begin()
            reader.begin(await self._after(tenant, after))
        except BaseException:
            self.leave(reader)
            raise
        return reader

    async def now(self, tenant: str) -> int:
        """The company's last sequence that every read model shows."""
        return await self._news.last_shown(tenant, await self._news.through())

    async def past(self, tenant: str, after: int) -> Batch:
        """The first events of a company after a sequence, a stretch of them at most."""
        return Batch.of(await self._news.past(tenant, after, self._through, self.limits.stretch))

    async def seen(self, tenant: str, batch: Batch) -> Batch:
        """The same batch, with who sees what is in it."""
        return Batch(batch.changes, batch.blocks, await who_sees(self._ask, tenant, batch.about))

    def leave(self, reader: Reader) -> None:
        """A feed has ended."""
        readers = self._readers.get(reader.tenant, set())
        readers.discard(reader)
        if not readers:
            self._readers.pop(reader.tenant, None)

    def close(self) -> None:
        """End all feeds with a reason, and open no more: the process is about to end."""
        self._closing = True
        for reader in self.readers:
            reader.end(ShuttingDown("expected to go on, but this process is about to end"))
            reader.hang_up_when_stuck(self.limits.slow)

    async def stop(self) -> None:
        """The same, and read no more."""
        self.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def _admit(self, tenant: str, credential: str) -> None:
        limits, of_company = self.limits, self._readers.get(tenant, set())
        if self._closing:
            raise ShuttingDown("expected to open a feed, but this process is about to end")
        of_credential = sum(reader.credential == credential for reader in of_company)
        if of_credential >= limits.of_credential:
            raise TooManyFeeds(f"expected at most {limits.of_credential} open feeds for a credential, but got another")
        if len(of_company) >= limits.of_company:
            raise TooManyFeeds(f"expected at most {limits.of_company} open feeds for a company, but got another")
        if self.open_now >= limits.of_process:
            raise TooManyFeeds("expected to open a feed, but this process has as many as it takes")

    async def _after(self, tenant: str, after: int | None) -> int:
        if after is None:
            return await self._news.last_shown(tenant, self._through)
        last = await self._news.last(tenant)
        if after > last:
            raise InTheFuture(f"expected a sequence from 0 to {last} to go on after, but got {after}", field="after")
        return after

    async def _begin(self) -> None:
        """Begin to read the log, where that has ended or not begun: from here on, for what was before is the past."""
        async with self._beginning:
            if self._reading is None or self._reading.done():
                self._through = self._told = await self._news.through()
                self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Until nobody listens any more."""
        well = True
        while self._readers:
            try:
                await self._look()
                well = True
            except Exception as error:  # noqa: BLE001 – whatever it is, it is logged once, and looked again
                if well:
                    away = isinstance(error, AWAY)
                    log.warning("feeds wait for the database" if away else "feeds cannot be read", **described(error))
                well = False
            for reader in self.readers:
                reader.hang_up_when_stuck()
            await asyncio.sleep(self.limits.look)

    async def _look(self) -> None:
        # What is read here is in a reader's past as well from now on: who comes in the meantime finds it there.
        self._through = max(self._through, await self._news.through())
        while self._told < self._through:
            upto = min(self._told + self.limits.stretch, self._through)
            found = await self._news.between(self._told, upto, [*self._readers])
            of = attrgetter("tenant")
            for tenant, stored in groupby(sorted(found, key=of), of):
                await self._tell(tenant, [*stored])
            self._told = upto

    async def _tell(self, tenant: str, stored: Sequence[Stored]) -> None:
        batch = Batch.of(stored)
        if any(reader.sees_some for reader in self._readers.get(tenant, ())):
            batch = await self.seen(tenant, batch)
        for reader in [*self._readers.get(tenant, ())]:
            reader.offer(batch)
